import { assertEquals } from "@std/assert";
import { disposable } from "../../client/comet/dispose.ts";
import { tokenFor } from "../support/tokens.ts";
import { type Application, withApplication } from "./application.ts";
import { assertSoon } from "./assert_soon.ts";
import type { BrowserChat } from "./browser_chat.ts";
import { ChatPage } from "./chat_page.ts";
import { copyIn, hasCopied, isKept } from "./kept_page.ts";

const urls = ({ origin }: Application) => ({
  TOKEN_URL: `${origin}/chat-token`,
  SIGN_IN_URL: `${origin}/login`,
  SIGN_OUT_URL: `${origin}/logout`,
});

/** alice, with a page that the browser keeps and a message that it has copied. */
async function openAlice(chat: BrowserChat, application: Application): Promise<ChatPage> {
  application.answer = { text: await tokenFor() };
  const login = `${application.origin}/login`;
  const alice = new ChatPage(await chat.openPage(login, { serviceWorkers: "allow" }));
  await alice.page.goto(chat.url);
  await alice.isConnected();
  await alice.say("hello");
  await alice.sees("hello");
  await isKept(alice.page);
  await hasCopied(alice.page, "hello");
  return alice;
}

/** Whether the application can be reached. */
async function setNetwork({ page }: ChatPage, isOn: boolean): Promise<void> {
  if (isOn) await page.unroute("**/chat-token");
  else await page.route("**/chat-token", (route) => route.abort());
}

Deno.test(
  "[U375] [U376] a user of an application reads what was loaded while nobody can be asked, and what is written is sent once after signing in",
  withApplication(urls, async (chat, application) => {
    chat.errors.expect("network");
    const alice = await openAlice(chat, application);
    await alice.joinRoom("tea");
    await alice.say("tea?");
    await hasCopied(alice.page, "tea?");
    await chat.kill();
    await setNetwork(alice, false);

    await alice.page.reload();
    await alice.sees("tea?");
    await alice.select("Lobby");
    await alice.sees("hello");
    await alice.select("tea");
    await alice.sees("tea?");
    await alice.say("written offline");
    await alice.sees("tea?", "written offline");
    await alice.composer.fill("a draft");
    const stored = await alice.page.evaluate(() => JSON.stringify({ ...localStorage }));
    assertEquals((await copyIn(alice.page) + stored).includes("eyJ"), false);

    await chat.restart();
    await setNetwork(alice, true);
    await alice.reconnect();

    await alice.isConnected();
    await alice.sees("tea?", "written offline");
    await assertSoon(() => alice.delivery("written offline"), "Sent");
    assertEquals(await alice.composer.inputValue(), "a draft");
    assertEquals(new URL(alice.page.url()).hash, "#room:tea");
    await alice.page.reload();
    await alice.sees("tea?", "written offline");
  }),
);

Deno.test(
  "[U377] [O122] the copy is shown to nobody else, and goes when the application names nobody or another user, when signing out, and with OFFLINE_COPY=off",
  withApplication(urls, async (chat, application) => {
    for (const expected of ["network", "refusal", "failure", "widget"] as const) {
      chat.errors.expect(expected);
    }
    const alice = await openAlice(chat, application);
    const { page } = alice;
    /** Loads the page again with the server, and then without it. */
    const reopen = async (answer: Application["answer"] | "away") => {
      application.answer = { text: await tokenFor() };
      await chat.restart();
      await page.goto(chat.url);
      await alice.isConnected();
      await hasCopied(page, "hello");
      await chat.kill();
      if (answer === "away") await setNetwork(alice, false);
      else application.answer = answer;
      await page.reload();
    };
    const isShown = () => page.getByText("hello").count();
    await chat.kill();

    await setNetwork(alice, false);
    await page.reload();
    await alice.sees("hello");
    application.answer = { status: 401 };
    await setNetwork(alice, true);
    await alice.reconnect();
    await page.getByRole("link", { name: "Sign in" }).waitFor();
    await assertSoon(() => copyIn(page), "");

    await reopen({ text: await tokenFor({ sub: "43", name: "bob" }) });
    await page.getByRole("alert").waitFor();
    await assertSoon(() => copyIn(page), "");
    assertEquals(await isShown(), 0);

    await reopen({ text: "<!DOCTYPE html><title>Sign in</title>" });
    await page.getByRole("alert").waitFor();
    assertEquals(await isShown(), 0);

    await reopen("away");
    await alice.sees("hello");
    await alice.openSettings();
    await page.getByRole("link", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "/logout" }).waitFor();
    await page.goto(chat.url);
    await page.getByRole("alert").waitFor();
    await assertSoon(() => copyIn(page), "");
    assertEquals(await isShown(), 0);

    application.answer = { text: await tokenFor() };
    await setNetwork(alice, true);
    await chat.restart();
    await page.reload();
    await alice.isConnected();
    await hasCopied(page, "hello");
    await chat.kill();
    await chat.restart({ OFFLINE_COPY: "off" });
    await page.reload();
    await alice.sees("hello");
    await assertSoon(() => copyIn(page), "");
  }),
);

Deno.test(
  "[Q23] an application that does not answer is asked again after 15 seconds, while the copy is shown",
  withApplication(urls, async (chat, application) => {
    chat.errors.expect("network");
    const alice = await openAlice(chat, application);
    const held = Promise.withResolvers<string>();
    using _ = disposable(() => held.resolve(""));
    const before = application.asked;
    application.answer = { text: () => held.promise };
    await alice.page.reload();
    await alice.sees("hello");
    await assertSoon(() => Promise.resolve(application.asked), before + 1);

    application.answer = { text: await tokenFor() };

    await alice.isConnected();
    await alice.say("answered");
    await alice.sees("hello", "answered");
  }),
);
