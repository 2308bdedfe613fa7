import { assertEquals } from "@std/assert";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./assert_soon.ts";

const LOBBY = "room:lobby";

async function sayAll(bob: RemoteUser, prefix: string, count: number): Promise<string[]> {
  const texts = Array.from({ length: count }, (_, n) => `${prefix} ${n + 1}`);
  for (const text of texts) await bob.say(LOBBY, text);
  return texts;
}

Deno.test(
  "[U30] web and mail addresses in a text are links that open in a new tab; other schemes stay text",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const text = "see https://halley.test/a?b=(c), or bob@halley.test. " +
      "javascript:alert(1) data:text/html,<b> ftp://halley.test //halley.test";

    await bob.say(LOBBY, text);

    await alice.sees(text);
    const links = alice.log.getByRole("link");
    const addresses = () =>
      links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
    await assertSoon(addresses, ["https://halley.test/a?b=(c)", "mailto:bob@halley.test"]);
    await assertSoon(() =>
      links.first().evaluate((link) => [
        link.getAttribute("target"),
        link.getAttribute("rel"),
      ]), ["_blank", "noopener noreferrer nofollow"]);
  }),
);

Deno.test(
  "[U31] a message of one to three emoji is shown larger",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const large = ["☄️", "👩‍👩‍👧 🇫🇷 👍🏽", "3️⃣"];
    const plain = ["☄️ Halley", "🌍🌎🌏🌑", "1986", "!"];

    for (const text of [...large, ...plain]) await alice.say(text);
    await alice.sees(...large, ...plain);

    await assertSoon(() => alice.log.locator("[data-large]").allTextContents(), large);
  }),
);

Deno.test(
  "[U32] messages can be copied and replied to with the mouse",
  withChat(async (chat) => {
    const [alice, bob] = [
      await chat.signIn("alice", { permissions: ["clipboard-read", "clipboard-write"] }),
      await chat.signIn("bob"),
    ];
    await bob.say("when?\nand where?");

    await alice.log.getByText("when?").hover();
    await alice.button("Copy").click();
    await alice.button("Copied").waitFor();
    const copied = await alice.page.evaluate(() => navigator.clipboard.readText());
    await alice.button("Reply").click();
    await alice.page.keyboard.type("at nine");
    await alice.page.keyboard.press("Enter");

    assertEquals(copied, "when?\nand where?");
    await bob.sees("when?\nand where?", "at nine");
    const quotation = bob.log.locator(".quotation");
    await assertSoon(() => quotation.locator("cite").textContent(), "You");
    await assertSoon(() => quotation.locator("span").textContent(), "when?\nand where?");
  }),
);

Deno.test(
  "[U32] messages can be replied to with keyboard and touch, and the quotation can be removed",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("one");
    await alice.say("two");
    await alice.sees("one", "two");
    await assertSoon(() => alice.delivery("two"), "Sent");
    const { keyboard } = alice.page;
    const chip = alice.page.locator(".reply-draft");

    await alice.log.focus();
    await keyboard.press("ArrowUp");
    await keyboard.press("ArrowUp");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await chip.waitFor();
    await chip.getByText("one").waitFor();
    await keyboard.press("Escape");
    await chip.waitFor({ state: "detached" });
    await keyboard.type("three");
    await keyboard.press("Enter");

    await alice.sees("one", "two", "three");
    await assertSoon(() => alice.log.locator(".quotation").count(), 0);
    const phone = await chat.signIn("bob", {
      hasTouch: true,
      viewport: { width: 360, height: 640 },
    });
    await phone.select("Lobby");
    await phone.log.getByText("two").tap();
    await phone.button("Reply").tap();
    await phone.page.locator(".reply-draft").getByText("alice").waitFor();
  }),
);

Deno.test(
  "[U34] a line marks where the new messages begin, and stays while the conversation is selected",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await sayAll(bob, "old", 2);
    await alice.sees("old 1", "old 2");
    await alice.joinRoom("tea");
    const newTexts = await sayAll(bob, "new", 60);
    await assertSoon(() => alice.unread("Lobby"), "60 unread");

    await alice.select("Lobby");

    const line = alice.log.getByText("New messages", { exact: true });
    await line.waitFor();
    // The line is visible with the first new message below it.
    const isLineVisible = () =>
      alice.log.evaluate((list) => {
        const topOf = (element: Element | null | undefined) =>
          (element?.getBoundingClientRect().top ?? NaN) - list.getBoundingClientRect().top;
        const texts = [...list.querySelectorAll(".text")];
        const first = texts.find((text) => text.textContent === "new 1");
        const [at, below] = [topOf(list.querySelector(".new-line")), topOf(first)];
        return at >= 0 && at < below && below < list.clientHeight;
      });
    await assertSoon(isLineVisible, true);
    await bob.say(LOBBY, "newest");
    await alice.sees("old 1", "old 2", ...newTexts, "newest");
    await assertSoon(() => isLineVisible(), true);
    const button = alice.page.locator(".jump-to-latest");
    // First to those that have not been visible, then to the end.
    await button.click();
    await button.click();
    await assertSoon(() => alice.unread("Lobby"), "");
    await assertSoon(() => line.count(), 1);
    await alice.select("tea");
    await alice.select("Lobby");
    await line.waitFor({ state: "detached" });
  }),
);

Deno.test(
  "[U35] drafts survive switching conversations and reloads",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.composer.fill("half a sentence");

    await alice.joinRoom("tea");
    await assertSoon(() => alice.composer.inputValue(), "");
    await alice.conversation("Lobby").getByText("Draft:").waitFor();
    await alice.page.reload();
    await alice.select("Lobby");
    await assertSoon(() => alice.composer.inputValue(), "half a sentence");
    await alice.composer.press("Enter");

    await bob.sees("half a sentence");
    await alice.page.reload();
    await alice.isConnected();
    await assertSoon(() => alice.composer.inputValue(), "");
  }),
);
