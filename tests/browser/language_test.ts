import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import { type ChatPage, REFUSAL } from "./chat_page.ts";
import { PROBLEM_TYPE } from "../../server/protocol/refusal.ts";
import { assertSoon } from "./assert_soon.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

/** How the server refuses a token that has expired. */
const EXPIRED = {
  ...REFUSAL,
  status: 401,
  body: JSON.stringify({
    ...JSON.parse(REFUSAL.body),
    type: `${PROBLEM_TYPE}token_expired`,
    code: "token_expired",
    status: 401,
  }),
};

async function languageOf({ page }: ChatPage): Promise<string | null> {
  return await page.locator("html").getAttribute("lang");
}

Deno.test(
  "[U10] the page uses the browser's language if it is supported",
  withChat(async (chat) => {
    const alice = await chat.visit({ locale: "zh-TW" });
    const bob = await chat.visit({ locale: "pt-BR" });

    await assertSoon(() => languageOf(alice), "zh-Hans");
    await alice.button("登录").waitFor();
    await assertSoon(() => languageOf(bob), "en");
    await bob.button("Sign in").waitFor();
  }),
);

Deno.test(
  "[U10] an invalid language tag of the browser is ignored",
  withChat(async (chat) => {
    const alice = await chat.visit();
    await alice.page.addInitScript(() => {
      Object.defineProperty(navigator, "language", { value: "en-US@posix" });
    });
    await alice.page.reload();

    await alice.signIn("alice");
    await alice.say("hello");

    await alice.sees("hello");
    await assertSoon(() => alice.delivery("hello"), "Sent");
  }),
);

Deno.test(
  "[U10] the language can be switched at any time, and survives a reload",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.composer.fill("half a sentence");

    await alice.openSettings();
    await alice.chooseLanguage("zh");
    await alice.page.keyboard.press("Escape");

    await assertSoon(() => languageOf(alice), "zh-Hans");
    const composer = alice.page.getByRole("textbox", { name: "消息", exact: true });
    await assertSoon(() => composer.inputValue(), "half a sentence");
    await assertSoon(() => composer.getAttribute("placeholder"), "发送消息至 大厅");
    await alice.page.reload();
    await alice.openSettings();
    await alice.button("退出登录").waitFor();
    await alice.chooseLanguage("en");
    await assertSoon(() => languageOf(alice), "en");
    await alice.button("Sign out").waitFor();
  }),
);

/** Translates a page as Chrome does: replaces each text in the body by a `<font>` element with another text. */
async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const app = document.querySelector("halley-widget")?.shadowRoot ?? document.body;
    const walker = document.createTreeWalker(app, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) {
      if (walker.currentNode instanceof Text) texts.push(walker.currentNode);
    }
    for (const text of texts) {
      if (text.data.trim() === "" || text.parentElement?.closest("style, script, font")) continue;
      const font = document.createElement("font");
      font.append(document.createElement("font"));
      font.firstElementChild?.append(`‹${text.data}›`);
      text.replaceWith(font);
    }
  });
}

Deno.test(
  "[U10] a page that cannot load its language is in English, and works",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const alice = await chat.visit();
    await alice.page.route("**/page-zh.*", (route) => route.abort());
    await alice.page.evaluate(() => localStorage.setItem("halley.language", '"zh"'));
    await alice.page.reload();

    await alice.signIn("alice");
    await alice.say("hello");

    await alice.sees("hello");
    await assertSoon(() => languageOf(alice), "en");
  }),
);

Deno.test(
  "[U67] texts stay current while the browser translates the page",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const direct = `direct:${await alice.publicToken()}`;
    const shown = (selector: string) => alice.page.locator(selector).allInnerTexts();
    await bob.say(direct, "one");
    await assertSoon(() => alice.unread("bob"), "1 unread");
    await alice.say("hello");
    await alice.log.getByLabel("Sent", { exact: true }).waitFor();
    await translate(alice.page);
    await assertSoon(() => shown(".connection .shown"), ["‹Connected›"]);
    assertEquals(await alice.texts(), ["‹hello›"]);

    await bob.say(direct, "two");
    await assertSoon(() => shown(".unread span[aria-hidden]"), ["2"]);
    await assertSoon(() => shown('[data-channel^="direct"] .last'), ["two"]);
    await translate(alice.page);
    await bob.say(direct, "three");
    await assertSoon(() => shown(".unread span[aria-hidden]"), ["3"]);
    await alice.page.locator('[data-channel^="direct"]').click();
    await alice.sees("one", "two", "three");
    await assertSoon(() => shown(".conversation-header h2"), ["bob"]);
    await translate(alice.page);
    await alice.composer.fill("a draft");
    await alice.page.locator('[data-channel="room:lobby"]').click();
    await assertSoon(() => shown('[data-channel^="direct"] .last'), ["Draft: a draft"]);
    await translate(alice.page);
    await alice.page.locator('[data-channel^="direct"]').click();
    await assertSoon(() => shown('[data-channel^="direct"] .last'), ["three"]);
    await translate(alice.page);
    await alice.openSettings();
    await alice.chooseLanguage("zh");
    await assertSoon(() => shown(".settings legend"), ["外观"]);

    await translate(alice.page);
    await chat.kill();
    await assertSoon(
      async () => /重/.test((await shown(".connection .shown")).join()),
      true,
    );
  }),
);

Deno.test(
  "[U67] in the widget too, texts stay current while the browser translates the page",
  withShop(async (chat, shop) => {
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    await alice.enter("alice");
    await alice.say("hello");
    await alice.panel.getByLabel("Sent", { exact: true }).waitFor();
    await translate(alice.page);
    await alice.sees("‹hello›");

    await chat.kill();

    await assertSoon(
      async () => /Reconnecting|Retrying/.test(await alice.panel.locator(".shown").innerText()),
      true,
    );
  }),
);

Deno.test(
  "[U164] a refusal is explained in Chinese on a Chinese page, and what the server said is in the console",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const alice = await chat.signIn("alice");
    await alice.openSettings();
    await alice.chooseLanguage("zh");
    const said: string[] = [];
    alice.page.on("console", (message) => said.push(message.text()));
    await alice.page.route("**/api/messages", (route) => route.fulfill(REFUSAL), { times: 1 });
    const composer = alice.page.locator(".composer textarea");

    await composer.fill("hello");
    await composer.press("Control+Enter");

    await alice.page.getByRole("alert").getByText("你没有这项操作的权限。").waitFor();
    assertEquals(said.filter((text) => text.startsWith("Halley:")), [
      "Halley: not_allowed: You do not have the right to write here",
    ]);
  }),
);

Deno.test(
  "[U164] a token that has expired is explained in the words of the page",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    chat.errors.expect("widget");
    const alice = await chat.visit({ locale: "zh-CN" });
    await alice.page.route("**/api/session", (route) => route.fulfill(EXPIRED));
    await alice.page.route("**/api/sessions", (route) => route.fulfill(EXPIRED));

    await alice.page.getByRole("textbox").fill("alice");
    await alice.button("登录").click();

    await alice.page.getByRole("alert").getByText("登录已过期，请重新登录。").waitFor();
  }),
);
