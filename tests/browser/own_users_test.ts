import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { now, tokenFor } from "../support/tokens.ts";
import { accessibilityViolations } from "./accessibility.ts";
import { type Application, withApplication } from "./application.ts";
import { assertSoon } from "./assert_soon.ts";
import type { BrowserChat } from "./browser_chat.ts";
import { ChatPage } from "./chat_page.ts";
import { hidePage } from "./hide_page.ts";

const urls = ({ origin }: Application) => ({
  TOKEN_URL: `${origin}/chat-token`,
  SIGN_IN_URL: `${origin}/login?next=chat&x=1`,
  SIGN_OUT_URL: `${origin}/logout`,
});

const NO_TOKEN = "The application gave no valid token.";
const FOREIGN_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl";

/** Visits the application, which sets its cookie, and then Halley's page. */
async function visit(chat: BrowserChat, application: Application): Promise<ChatPage> {
  const page = await chat.openPage(`${application.origin}/login`);
  await page.goto(chat.url);
  return new ChatPage(page);
}

function nameOn({ page }: ChatPage): Promise<string | null> {
  return page.locator("button.self strong").textContent();
}

/** The link to the application. */
function signInLink(page: Page) {
  return page.getByRole("link", { name: "Sign in" });
}

Deno.test(
  "[Q22] the page signs in the application's user with tokens from TOKEN_URL, and renews them",
  withApplication(urls, async (chat, application) => {
    chat.errors.expect("unauthorized");
    application.answer = { text: async () => `${await tokenFor({ exp: now() + 5 })}\n` };
    const alice = await visit(chat, application);
    await alice.isConnected();
    assertEquals(await nameOn(alice), "alice");
    application.answer = { text: await tokenFor({ jti: "another" }) };

    await assertSoon(() => Promise.resolve(application.asked > 1), true);
    await alice.say("still here");
    await alice.sees("still here");

    const stored = await alice.page.evaluate(() => JSON.stringify({ ...localStorage }));
    assertEquals(stored.includes("eyJ"), false);
  }),
);

Deno.test(
  "[Q22] the tabs of one user share one poll",
  withApplication(urls, async (chat, application) => {
    application.answer = { text: await tokenFor() };
    const alice = await visit(chat, application);
    await alice.isConnected();
    const second = await alice.secondWindow();
    await second.say("hello");
    await alice.sees("hello");

    const metrics = async () => await (await fetch(`${chat.url}/metrics`)).text();
    await assertSoon(async () => /^halley_parked_polls (\d+)$/m.exec(await metrics())?.[1], "1");
  }),
);

Deno.test(
  "[Q23] someone whom the application has not signed in is led there, and is in when they come back",
  withApplication(urls, async (chat, application) => {
    chat.errors.expect("refusal");
    for (const status of [401, 403, 204]) {
      application.answer = { status };
      const page = await visit(chat, application);
      const link = signInLink(page.page);
      await page.page.getByText("Sign in to this site to join the chat.").waitFor();
      assertEquals(await link.getAttribute("href"), `${application.origin}/login?next=chat&x=1`);
      assertEquals(await page.page.getByRole("textbox").count(), 0);

      await hidePage(page.page);
      const login = await page.page.context().newPage();
      await login.goto(`${application.origin}/login`);
      application.answer = { text: await tokenFor() };
      await hidePage(page.page, false);

      await page.isConnected();
    }
  }),
);

Deno.test(
  "[Q23] when the application signs its user out, the page stops and keeps what is unsent",
  withApplication(urls, async (chat, application) => {
    chat.errors.expect("refusal");
    chat.errors.expect("network");
    application.answer = { text: () => tokenFor({ exp: now() + 5 }) };
    const alice = await visit(chat, application);
    await alice.isConnected();
    await alice.page.route("**/api/messages", (route) => route.abort());
    await alice.say("unsent");
    await alice.sees("unsent");
    await alice.composer.fill("a draft");

    application.answer = { status: 401 };
    await signInLink(alice.page).waitFor();
    await alice.page.unroute("**/api/messages");
    await alice.page.reload();
    await signInLink(alice.page).waitFor();

    application.answer = { text: await tokenFor({ jti: "another" }) };
    await alice.button("Try again").click();
    await alice.isConnected();
    await alice.sees("unsent");
    assertEquals(await alice.composer.inputValue(), "a draft");
    await assertSoon(() => alice.delivery("unsent"), "Sent");
  }),
);

for (
  const [what, answer, alert] of [
    ["its page for signing in", { text: "<!DOCTYPE html><title>Sign in</title>" }, NO_TOKEN],
    ["an error", { status: 500, text: "oops" }, NO_TOKEN],
    ["a token for another server", { text: FOREIGN_TOKEN }, NO_TOKEN],
    ["an unsigned token", { text: "eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9." }, NO_TOKEN],
  ] as const
) {
  Deno.test(
    `[Q23] if the application answers with ${what}, the page says so and tries again when asked`,
    withApplication(urls, async (chat, application) => {
      chat.errors.expect("refusal");
      chat.errors.expect("failure");
      chat.errors.expect("widget");
      application.answer = answer;
      const alice = await visit(chat, application);
      await alice.page.getByRole("alert").getByText(alert).waitFor();

      application.answer = { text: await tokenFor() };
      await alice.button("Try again").click();

      await alice.isConnected();
    }),
  );
}

Deno.test(
  "[Q23] with another user's token the page starts anew, and keeps the first one's drafts",
  withApplication(urls, async (chat, application) => {
    chat.errors.expect("unauthorized");
    application.answer = { text: () => tokenFor({ exp: now() + 5 }) };
    const page = await visit(chat, application);
    await page.isConnected();
    await page.composer.fill("alice's draft");

    application.answer = { text: await tokenFor({ sub: "43", name: "bob" }) };
    await assertSoon(() => nameOn(page), "bob");
    assertEquals(await page.composer.inputValue(), "");
    await page.composer.fill("bob's draft");
    application.answer = { text: await tokenFor() };
    await page.page.reload();

    await assertSoon(() => nameOn(page), "alice");
    assertEquals(await page.composer.inputValue(), "alice's draft");
  }),
);

Deno.test(
  "[Q32] a tab that its person returns to stops if the application has signed them out",
  withApplication(urls, async (chat, application) => {
    application.answer = { text: await tokenFor() };
    const alice = await visit(chat, application);
    await alice.isConnected();
    chat.errors.expect("refusal");
    await hidePage(alice.page);
    application.answer = { status: 401 };

    await hidePage(alice.page, false);

    await signInLink(alice.page).waitFor();
  }),
);

Deno.test(
  "[Q26] signing out leads to the application, closes all tabs and removes what they have stored",
  withApplication(urls, async (chat, application) => {
    chat.errors.expect("refusal");
    application.answer = { text: await tokenFor() };
    const alice = await visit(chat, application);
    await alice.isConnected();
    const second = await alice.secondWindow();
    await alice.composer.fill("a draft");
    application.answer = { status: 401 };

    await alice.openSettings();
    await alice.page.getByRole("link", { name: "Sign out" }).click();
    await alice.dialog.getByRole("link", { name: "Sign out" }).click();

    await alice.page.waitForURL(`${application.origin}/logout`);
    await signInLink(second.page).waitFor();
    const drafts = await second.page.evaluate(() =>
      Object.keys(localStorage).filter((name) => name.endsWith(".drafts"))
    );
    assertEquals(drafts, []);
  }),
);

Deno.test(
  "[U174] an application's user who has sent everything signs out without a question",
  withApplication(urls, async (chat, application) => {
    chat.errors.expect("refusal");
    application.answer = { text: await tokenFor() };
    const alice = await visit(chat, application);
    await alice.isConnected();
    application.answer = { status: 401 };

    await alice.openSettings();
    await alice.page.getByRole("link", { name: "Sign out" }).click();

    await alice.page.waitForURL(`${application.origin}/logout`);
  }),
);

Deno.test(
  "[Q26] without SIGN_OUT_URL the page has no way to sign out, and without SIGN_IN_URL no link",
  withApplication(({ origin }) => ({ TOKEN_URL: `${origin}/chat-token` }), async (chat, app) => {
    chat.errors.expect("refusal");
    const alice = await visit(chat, app);
    await alice.button("Try again").waitFor();
    assertEquals(await signInLink(alice.page).count(), 0);

    app.answer = { text: await tokenFor() };
    await alice.button("Try again").click();
    await alice.isConnected();
    await alice.openSettings();

    assertEquals(await alice.page.getByText("Sign out").count(), 0);
  }),
);

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(
    `[U19] the page for own users has no accessibility violations in ${colorScheme}`,
    withApplication(urls, async (chat, application) => {
      chat.errors.expect("refusal");
      const alice = await visit(chat, application);
      await alice.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await signInLink(alice.page).waitFor();
      assertEquals(await accessibilityViolations(alice.page), []);

      application.answer = { text: await tokenFor() };
      await alice.button("Try again").click();
      await alice.isConnected();
      await alice.openSettings();

      assertEquals(await accessibilityViolations(alice.page), []);
    }),
  );
}
