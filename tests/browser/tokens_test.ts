import { assertEquals } from "@std/assert";
import { now, SECRET, tokenFor } from "../support/tokens.ts";
import { type BrowserChat, PUBLISHER, withChat } from "./browser_chat.ts";
import { ForeignSite } from "./foreign_site.ts";
import { Shop } from "./shop.ts";
import { assertSoon } from "./soon.ts";
import { WidgetPage } from "./widget_page.ts";

const JWT_SETTINGS = {
  AUTH: "jwt",
  JWT_SECRET: SECRET,
  JWT_ISSUER: "https://shop.example",
  JWT_AUDIENCE: "halley",
  JWT_CLOCK_SKEW: "0",
  API_KEYS: `shop:admin:${PUBLISHER}`,
};

/** A test with a Halley for which the tokens of a shop count, and with that shop. */
function withTokens(test: (chat: BrowserChat, shop: Shop) => Promise<void>): () => Promise<void> {
  return async () => {
    await using site = ForeignSite.open();
    const settings = { ...JWT_SETTINGS, ALLOWED_ORIGINS: site.origin };
    await withChat((chat) => test(chat, new Shop(site)), settings)();
  };
}

/** A browser tells on its console of each request that was refused, whatever the page makes of it. */
function forgetRefusals(chat: BrowserChat): void {
  const { all } = chat.faults;
  const others = all.filter((fault) => !fault.includes("401"));
  all.splice(0, all.length, ...others);
}

async function presentIn(chat: BrowserChat, channel: string): Promise<string[]> {
  const response = await fetch(`${chat.url}/api/channels/${channel}/presence`, {
    headers: { authorization: `Bearer ${PUBLISHER}` },
  });
  const { present } = await response.json();
  return present.map(({ displayName }: { displayName: string }) => displayName).sort();
}

async function kick(chat: BrowserChat, publicToken: string): Promise<void> {
  const { status } = await fetch(`${chat.url}/api/sessions/${publicToken}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${PUBLISHER}` },
  });
  assertEquals(status, 204);
}

Deno.test(
  "[Q17] where tokens count, Halley's page says that a name is not enough, and asks for none",
  withTokens(async (chat) => {
    const page = await chat.openPage(chat.url);

    await page.getByText("You can’t sign in by name here.").waitFor();

    await assertSoon(() => page.getByRole("textbox").count(), 0);
  }),
);

Deno.test(
  "[Q17] the widget lets in whom the page's application knows, by an address that gives tokens",
  withTokens(async (chat, shop) => {
    const token = await tokenFor({ sub: "43", name: "bob" });
    const aliceUrl = shop.site.put("/alice", { text: await tokenFor() });
    const bobUrl = shop.site.put("/bob", { text: token });
    const open = async (url: string) =>
      new WidgetPage(await chat.openPage(shop.page(chat, `data-token-url="${url}" data-user="x"`)));
    const [alice, bob] = [await open(aliceUrl), await open(bobUrl)];

    await alice.launcher.click();
    await alice.composer.waitFor();
    await assertSoon(() => presentIn(chat, "room:support"), ["alice", "bob"]);
    await alice.say("hello");
    await assertSoon(() => bob.launcher.getAttribute("data-unread"), "1");
    await bob.launcher.click();

    await bob.sees("hello");
    await assertSoon(() => bob.panel.locator(".whoami").textContent(), "bob");
    const kept = await bob.page.evaluate(() => JSON.stringify({ ...localStorage }));
    assertEquals([kept.includes(token), kept.includes(token.split(".")[2]!)], [false, false]);
  }),
);

Deno.test(
  "[Q17] whom the application does not know is told to sign in there, and comes in afterwards",
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
  "[Q17] a page gives the widget tokens by script, and a new one when one has run out",
  withTokens(async (chat, shop) => {
    const alice = new WidgetPage(await chat.openPage(shop.page(chat, "data-open")));
    await alice.nameField.waitFor();
    const url = shop.site.put("/token", { text: await tokenFor({ exp: now() + 5 }) });

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
    forgetRefusals(chat);
  }),
);

Deno.test(
  "[Q16] who is kicked is told so, in every window, and may come back by a name",
  withChat(async (chat) => {
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
    forgetRefusals(chat);
  }, { API_KEYS: `shop:admin:${PUBLISHER}` }),
);

Deno.test(
  "[Q11] who gives a name that looks like a reserved one is told to choose another",
  withChat(async (chat) => {
    const page = await chat.visit();
    await page.nameField.fill("Ѕystem");
    await page.nameField.press("Enter");

    await page.page.getByText("This name is reserved or looks like a reserved one.").waitFor();
    chat.faults.all.length = 0;
    await page.signIn("alice");
  }),
);
