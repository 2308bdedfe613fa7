import { assertEquals } from "@std/assert";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./soon.ts";

const LOBBY = "room:lobby";

async function sayAll(bob: RemoteUser, prefix: string, count: number): Promise<string[]> {
  const texts = Array.from({ length: count }, (_, n) => `${prefix} ${n + 1}`);
  for (const text of texts) await bob.say(LOBBY, text);
  return texts;
}

Deno.test(
  "[U30] addresses in a text are links, which open elsewhere; nothing but HTTP and mail is one",
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
    const large = ["☄️", "👩‍👩‍👧 🇫🇷 👍🏽"];
    const plain = ["☄️ Halley", "🌍🌎🌏🌑", "1986", "!"];

    for (const text of [...large, ...plain]) await alice.say(text);
    await alice.sees(...large, ...plain);

    await assertSoon(() => alice.log.locator("[data-large]").allTextContents(), large);
  }),
);

Deno.test(
  "[U32] a message can be copied and answered to, by mouse",
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
    await assertSoon(() => quotation.locator("cite").textContent(), "bob");
    await assertSoon(() => quotation.locator("p").textContent(), "when?\nand where?");
  }),
);

Deno.test(
  "[U32] a message can be answered to by keyboard and by touch, and what is quoted can be left out",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await alice.say("one");
    await alice.say("two");
    await alice.sees("one", "two");
    await assertSoon(() => alice.delivery("two"), "Sent");
    const { keyboard } = alice.page;
    const chip = alice.page.getByText("Reply to alice");

    await alice.log.focus();
    await keyboard.press("ArrowUp");
    await keyboard.press("ArrowUp");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await chip.waitFor();
    await alice.page.locator(".quotation-chip").getByText("one").waitFor();
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
    await phone.look("Lobby");
    await phone.log.getByText("two").tap();
    await phone.button("Reply").tap();
    await phone.page.getByText("Reply to alice").waitFor();
  }),
);

Deno.test(
  "[U34] a line says where the news begin, and stays there while one looks",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await sayAll(bob, "old", 2);
    await alice.sees("old 1", "old 2");
    await alice.joinRoom("tea");
    const news = await sayAll(bob, "new", 60);
    await assertSoon(() => alice.unread("Lobby"), "60 unread");

    await alice.look("Lobby");

    const line = alice.log.getByText("New messages", { exact: true });
    await line.waitFor();
    // It is in sight, with the first of the news below it, however many there are.
    const tops = () =>
      alice.log.evaluate((list) => {
        const topOf = (element: Element | null | undefined) =>
          (element?.getBoundingClientRect().top ?? NaN) - list.getBoundingClientRect().top;
        const texts = [...list.querySelectorAll(".text")];
        const first = texts.find((text) => text.textContent === "new 1");
        const [at, below] = [topOf(list.querySelector(".new-line")), topOf(first)];
        return at >= 0 && at < below && below < list.clientHeight;
      });
    await assertSoon(tops, true);
    await bob.say(LOBBY, "newest");
    await alice.sees("old 1", "old 2", ...news, "newest");
    await assertSoon(() => tops(), true);
    await alice.page.getByRole("button", { name: /^\d+ new messages$/ }).click();
    await assertSoon(() => alice.unread("Lobby"), "");
    await assertSoon(() => line.count(), 1);
    await alice.look("tea");
    await alice.look("Lobby");
    await line.waitFor({ state: "detached" });
  }),
);

Deno.test(
  "[U35] what was written and not sent is there again, after going elsewhere and after a reload",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.composer.fill("half a sentence");

    await alice.joinRoom("tea");
    await assertSoon(() => alice.composer.inputValue(), "");
    await alice.conversation("Lobby").getByText("Draft:").waitFor();
    await alice.page.reload();
    await alice.look("Lobby");
    await assertSoon(() => alice.composer.inputValue(), "half a sentence");
    await alice.composer.press("Enter");

    await bob.sees("half a sentence");
    await alice.page.reload();
    await alice.isConnected();
    await assertSoon(() => alice.composer.inputValue(), "");
  }),
);
