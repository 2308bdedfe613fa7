import { assertEquals } from "@std/assert";
import type { ChatPage } from "./chat_page.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";

const PHONE = { viewport: { width: 390, height: 760 } } as const;

/** The fragment of the page's address. */
function fragment({ page }: ChatPage): string {
  return decodeURIComponent(new URL(page.url()).hash);
}

Deno.test(
  "[U27] Escape on a wide screen keeps the conversation in the URL",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.joinRoom("tea");
    await assertSoon(() => Promise.resolve(fragment(alice)), "#room:tea");

    await alice.composer.press("Escape");

    assertEquals(fragment(alice), "#room:tea");
    await alice.page.reload();
    await alice.page.getByRole("heading", { name: "tea" }).waitFor();
  }),
);

Deno.test(
  "[U27] on a narrow screen, back from a person of a room leads to the people, and then to the room",
  withChat(async (chat) => {
    await chat.signIn("bob");
    const alice = await chat.signIn("alice", PHONE);
    await alice.select("Lobby");
    await alice.page.getByRole("button", { name: "Show people" }).click();
    await alice.openDirect("bob");
    await alice.page.getByRole("heading", { name: "bob" }).waitFor();

    await alice.page.goBack();
    await alice.page.getByTitle("Message bob").waitFor();
    const atPeople = fragment(alice);
    await alice.page.goBack();

    await alice.composer.waitFor();
    assertEquals([atPeople, fragment(alice)], ["#room:lobby", "#room:lobby"]);
  }),
);

Deno.test(
  "[U27] a direct conversation with nobody does not stay in the list",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.page.goto(`${chat.url}/#direct:${"A".repeat(16)}`);
    await alice.conversation("Unknown user").waitFor();

    await alice.select("Lobby");

    await alice.conversation("Unknown user").waitFor({ state: "detached" });
    await alice.page.reload();
    await alice.isConnected();
    assertEquals(await alice.conversation("Unknown user").count(), 0);
  }),
);

Deno.test(
  "[U35] a draft keeps what it replies to, and is in the other tabs of the browser",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await bob.say("Tea or milk?");
    await alice.sees("Tea or milk?");
    const second = await alice.secondWindow();

    await alice.log.locator(".message").hover();
    await alice.button("Reply").click();
    await alice.composer.fill("Tea");

    await assertSoon(() => second.composer.inputValue(), "Tea");
    await second.page.locator(".reply-draft").getByText("Tea or milk?").waitFor();
    await alice.page.reload();
    await assertSoon(() => alice.composer.inputValue(), "Tea");
    await alice.composer.press("Enter");
    await bob.log.locator(".quotation").getByText("Tea or milk?").waitFor();
    await assertSoon(() => second.composer.inputValue(), "");
    assertEquals(await second.page.locator(".reply-draft").count(), 0);
  }),
);

Deno.test(
  "[U35] the tabs of a browser have one theme and one language",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const second = await alice.secondWindow();
    const shown = () =>
      second.page.evaluate(() => {
        const { lang, dataset } = document.documentElement;
        return [lang, dataset.theme];
      });

    await alice.openSettings();
    await alice.settings.getByRole("radio", { name: "Dark" }).check();
    await alice.chooseLanguage("zh");

    await assertSoon(shown, ["zh-Hans", "dark"]);
  }),
);

for (const [locale, time] of [["nl-NL", /^\d\d:\d\d$/], ["en-US", /^\d+:\d\d\s[AP]M$/]] as const) {
  Deno.test(
    `[U90] in English, a browser in ${locale} shows the time of day as people there write it`,
    withChat(async (chat) => {
      const alice = await chat.visit({ locale });
      await alice.signIn("alice");
      await alice.say("What time is it?");
      await alice.sees("What time is it?");

      await assertSoon(
        async () => time.test(await alice.log.locator(".group time").textContent() ?? ""),
        true,
      );
    }),
  );
}

Deno.test(
  "[U91] a blank name is refused with a word, and an invisible text is not sent",
  withChat(async (chat) => {
    const alice = await chat.visit();
    await alice.nameField.fill("   ");
    await alice.button("Sign in").click();
    const isValid = await alice.nameField.evaluate((field) =>
      field instanceof HTMLInputElement && field.validity.valid
    );
    await alice.signIn("alice");
    await alice.composer.fill("\u200b\u2060 \u3164");
    await alice.composer.press("Enter");
    await alice.say("visible");

    assertEquals(isValid, false);
    await alice.sees("visible");
  }),
);
