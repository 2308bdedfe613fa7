import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { PROBLEM_MEDIA_TYPE, PROBLEM_TYPE } from "../../server/protocol/refusal.ts";
import type { HistoryReply } from "../../server/protocol/replies.ts";
import { now, SECRET, tokenFor } from "../support/tokens.ts";
import { type BrowserChat, PUBLISH_KEY, withChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";
import { Shop } from "./shop.ts";
import { assertSoon } from "./assert_soon.ts";
import { WidgetPage } from "./widget_page.ts";

const JWT_SETTINGS = {
  AUTH: "jwt",
  JWT_SECRET: SECRET,
  JWT_ISSUER: "https://shop.example",
  JWT_AUDIENCE: "halley",
  JWT_CLOCK_SKEW: "0",
  API_KEYS: `shop:admin:${PUBLISH_KEY}`,
};

/** Runs a test with a shop and a server that accepts its tokens. */
function withTokens(
  test: (chat: BrowserChat, shop: Shop) => Promise<void>,
  more: Readonly<Record<string, string>> = {},
): () => Promise<void> {
  return async () => {
    await using site = ForeignSite.open();
    const settings = { ...JWT_SETTINGS, ALLOWED_ORIGINS: site.origin, ...more };
    await withChat(async (chat) => {
      // Without `data-user` the widget says what to set.
      chat.errors.expect("widget");
      await test(chat, new Shop(site));
    }, settings)();
  };
}

async function presentIn(chat: BrowserChat, channel: string): Promise<string[]> {
  const response = await fetch(`${chat.url}/api/channels/${channel}/presence`, {
    headers: { authorization: `Bearer ${PUBLISH_KEY}` },
  });
  const { present } = await response.json();
  return present.map(({ displayName }: { displayName: string }) => displayName).sort();
}

/** The messages of a room, oldest first, with their senders. */
async function sentTo(chat: BrowserChat, channel: string): Promise<string[]> {
  const response = await fetch(`${chat.url}/api/channels/${channel}/messages`, {
    headers: { authorization: `Bearer ${PUBLISH_KEY}` },
  });
  const { messages }: HistoryReply = await response.json();
  return messages.map(({ from, text }) => `${from?.displayName}: ${text}`).reverse();
}

/** Lets a page's sends fail while `isDown`, and its requests with the `rejected` token be answered as if it had expired. */
async function rejectTokens(page: Page, chat: BrowserChat) {
  const network = { isDown: false, rejected: "" };
  await page.route(`${chat.url}/api/**`, async (route) => {
    const request = route.request();
    const token = request.headers().authorization?.replace("Bearer ", "");
    if (request.method() === "OPTIONS") return await route.fallback();
    if (token === network.rejected) return await route.fulfill(EXPIRED);
    if (network.isDown && request.url().endsWith("/api/messages")) return await route.abort();
    await route.fallback();
  });
  return network;
}

const EXPIRED = {
  status: 401,
  contentType: PROBLEM_MEDIA_TYPE,
  headers: { "access-control-allow-origin": "*" },
  body: JSON.stringify({
    type: `${PROBLEM_TYPE}token_expired`,
    title: "Token expired",
    status: 401,
    detail: "The token has expired",
    code: "token_expired",
  }),
} as const;

async function kick(chat: BrowserChat, publicToken: string): Promise<void> {
  const { status } = await fetch(`${chat.url}/api/sessions/${publicToken}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${PUBLISH_KEY}` },
  });
  assertEquals(status, 204);
}

Deno.test(
  "[Q17] with AUTH=jwt the page says that signing in by name is not possible",
  withTokens(async (chat) => {
    const page = await chat.openPage(chat.url);

    await page.getByText("You can’t sign in by name here.").waitFor();

    await assertSoon(() => page.getByRole("textbox").count(), 0);
  }),
);

Deno.test(
  "[Q17] the widget signs in the application's users with tokens from a URL",
  withTokens(async (chat, shop) => {
    const token = await tokenFor({ sub: "43", name: "bob" });
    const aliceUrl = shop.site.put("/alice", { text: await tokenFor() });
    const bobUrl = shop.site.put("/bob", { text: token });
    const open = async (url: string) =>
      new WidgetPage(
        await chat.openPage(
          shop.page(chat, `data-token-url="${url}" data-user="x" data-connect="always"`),
        ),
      );
    const [alice, bob] = [await open(aliceUrl), await open(bobUrl)];

    await alice.launcher.click();
    await alice.composer.waitFor();
    await assertSoon(() => presentIn(chat, "room:support"), ["alice", "bob"]);
    await alice.say("hello");
    await assertSoon(() => bob.launcher.getAttribute("data-unread"), "1");
    await bob.launcher.click();

    await bob.sees("hello");
    await assertSoon(() => bob.panel.locator(".whoami").textContent(), "bob");
    const stored = await bob.page.evaluate(() => JSON.stringify({ ...localStorage }));
    assertEquals([stored.includes(token), stored.includes(token.split(".")[2]!)], [false, false]);
  }),
);

Deno.test(
  "[Q17] a visitor without a token is asked to sign in to the site, and can join afterwards",
  withTokens(async (chat, shop) => {
    const url = shop.site.put("/token", { text: "" });
    const page = shop.page(chat, `data-token-url="${url}"`);
    const alice = new WidgetPage(await chat.openPage(page));
    await alice.launcher.click();
    await alice.panel.getByText("Sign in to this site to join the chat.").waitFor();

    shop.site.put("/token", { text: await tokenFor() });
    await alice.panel.getByRole("button", { name: "Try again" }).click();

    await alice.composer.waitFor();
  }),
);

Deno.test(
  "[Q31] if the site answers with a page instead of a token, the widget says so",
  withTokens(async (chat, shop) => {
    const url = shop.site.put("/token", { text: "<!DOCTYPE html><title>Sign in</title>" });
    const page = shop.page(chat, `data-token-url="${url}"`);
    const alice = new WidgetPage(await chat.openPage(page));
    await alice.launcher.click();

    await alice.panel.getByText("The application gave no valid token.").waitFor();
    shop.site.put("/token", { text: await tokenFor() });
    await alice.panel.getByRole("button", { name: "Try again" }).click();

    await alice.composer.waitFor();
  }),
);

Deno.test(
  "[Q17] a page provides tokens with JavaScript, and a new one when one has expired",
  withTokens(async (chat, shop) => {
    chat.errors.expect("unauthorized");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat, "data-open")));
    await alice.panel.getByText("Chat isn’t available on this page.").waitFor();
    const url = shop.site.put("/token", { text: await tokenFor({ exp: now() + 10 }) });

    await alice.page.evaluate(async (url) => {
      const getToken = async () => {
        const asked = Number(document.body.dataset.asked ?? 0);
        document.body.dataset.asked = String(asked + 1);
        return await (await fetch(url)).text();
      };
      const widget = document.querySelector("halley-widget") as unknown as {
        useTokens(getToken: () => Promise<string>): Promise<void>;
      };
      await widget.useTokens(getToken);
    }, url);
    await alice.composer.waitFor();
    shop.site.put("/token", { text: await tokenFor({ exp: now() + 300 }) });

    const isAskedAgain = () => alice.page.evaluate(() => Number(document.body.dataset.asked) > 1);
    await assertSoon(isAskedAgain, true);
    await alice.say("still here");
    await alice.sees("still here");
  }),
);

Deno.test(
  "[T20] with another user's token the widget starts anew, and keeps drafts and unsent messages for the first user",
  withTokens(async (chat, shop) => {
    chat.errors.expect("network");
    chat.errors.expect("unauthorized");
    const [alice, bob] = [await tokenFor(), await tokenFor({ sub: "43", name: "bob" })];
    const url = shop.site.put("/token", { text: alice });
    const widget = new WidgetPage(
      await chat.openPage(shop.page(chat, `data-token-url="${url}" data-open`)),
    );
    await widget.composer.waitFor();
    const network = await rejectTokens(widget.page, chat);
    network.isDown = true;
    await widget.say("unsent");
    await widget.sees("unsent");
    await widget.composer.fill("a draft");

    shop.site.put("/token", { text: bob });
    network.rejected = alice;
    await assertSoon(() => widget.panel.locator(".whoami strong").textContent(), "bob");
    network.isDown = false;
    assertEquals([await widget.composer.inputValue(), await widget.texts()], ["", []]);
    await widget.say("from bob");
    await widget.sees("from bob");
    // The widget shows it before it is sent.
    await assertSoon(() => sentTo(chat, "room:support"), ["bob: from bob"]);
    shop.site.put("/token", { text: await tokenFor({ jti: "another" }) });
    network.rejected = bob;

    await assertSoon(() => widget.panel.locator(".whoami strong").textContent(), "alice");
    await widget.sees("from bob", "unsent");
    assertEquals(await widget.composer.inputValue(), "a draft");
    await assertSoon(() => sentTo(chat, "room:support"), ["bob: from bob", "alice: unsent"]);
  }, { CONNECT_INTERVAL: "1000" }),
);

Deno.test(
  "[Q16] a kicked user is informed in every window, and can sign in again",
  withChat(async (chat) => {
    chat.errors.expect("unauthorized");
    const alice = await chat.signIn("alice");
    const second = await alice.secondWindow();
    const publicToken = await alice.page.evaluate(() =>
      JSON.parse(localStorage.getItem("halley.session") ?? "{}").publicToken
    );

    await kick(chat, publicToken);

    for (const window of [alice, second]) {
      await window.page.getByText("An administrator ended your session.").waitFor();
    }
    await alice.signIn("alice");
  }, { API_KEYS: `shop:admin:${PUBLISH_KEY}` }),
);

Deno.test(
  "[Q11] a name that looks like a reserved one is rejected with an explanation",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const page = await chat.visit();
    await page.nameField.fill("Ѕystem");
    await page.nameField.press("Enter");

    await page.page.getByText("This name is reserved or looks like a reserved one.").waitFor();
    await page.signIn("alice");
  }),
);
