import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";
import { assertSoon } from "./assert_soon.ts";

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
    await alice.settings.getByRole("radio", { name: "中文" }).check();
    await alice.page.keyboard.press("Escape");

    await assertSoon(() => languageOf(alice), "zh-Hans");
    const composer = alice.page.getByRole("textbox", { name: "消息", exact: true });
    await assertSoon(() => composer.inputValue(), "half a sentence");
    await assertSoon(() => composer.getAttribute("placeholder"), "发送消息至 大厅");
    await alice.page.reload();
    await alice.openSettings();
    await alice.button("退出登录").waitFor();
    await alice.settings.getByRole("radio", { name: "English" }).check();
    await assertSoon(() => languageOf(alice), "en");
    await alice.button("Sign out").waitFor();
  }),
);
