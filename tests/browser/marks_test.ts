import { assert, assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { withShop } from "./shop.ts";
import { WidgetPage } from "./widget_page.ts";

const LOBBY = "room:lobby";
const MARKED = "**bold** _it_ ~~no~~ `a *b*`\n- one\n- two\n> quoted\n```\ncode\n```\n<b>x</b>";

Deno.test(
  "[U141] a text shows its marks, and copying gives the text as it was sent",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", {
      permissions: ["clipboard-read", "clipboard-write"],
    });

    await alice.say(MARKED);

    const text = alice.log.locator(".text");
    const shown = async (selector: string) => (await text.locator(selector).allTextContents());
    await assertSoon(() => shown("strong"), ["bold"]);
    assertEquals(await shown("em"), ["it"]);
    assertEquals(await shown("del"), ["no"]);
    assertEquals(await shown("code"), ["a *b*"]);
    assertEquals(await shown("ul > li"), ["one", "two"]);
    assertEquals(await shown("blockquote"), ["quoted"]);
    assertEquals(await shown("pre"), ["code"]);
    assertEquals(await shown("b"), []);
    await text.hover();
    await alice.button("Copy").click();
    await alice.button("Copied").waitFor();
    assertEquals(await alice.page.evaluate(() => navigator.clipboard.readText()), MARKED);
  }),
);

Deno.test(
  "[U141] a text without marks loads no parser, and one with marks is shown as it is until it is there",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const { promise, resolve } = Promise.withResolvers<void>();
    let requests = 0;
    await alice.page.route("**/built/markdown*.js", async (route) => {
      requests++;
      await promise;
      await route.continue();
    });
    await alice.say("plain");
    await assertSoon(() => alice.delivery("plain"), "Sent");
    assertEquals(requests, 0);

    await alice.say("**bold**");
    await alice.sees("plain", "**bold**");
    resolve();

    await alice.sees("plain", "bold");
    assertEquals(requests, 1);
  }),
);

Deno.test(
  "[U144] the list of conversations shows the last message without its marks",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");

    await alice.say("**bold** and `code`");

    await alice.conversation("Lobby").getByText("You: bold and code").waitFor();
  }),
);

Deno.test(
  "[U140] a link in a text from right to left, or after a character that turns it, reads as its address",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const address = "https://a.example/one";
    const texts = [`مرحبا ${address} شكرا`, `\u202e ${address}`, `${address}\u202egpj.exe`];

    for (const text of texts) await bob.say(LOBBY, text);

    await alice.sees(...texts);
    const links = alice.log.getByRole("link");
    assertEquals(await links.allTextContents(), [address, address, address]);
    // Each character stands to the right of the one before.
    const areInOrder = await links.evaluateAll((all) =>
      all.map((link) => {
        const range = document.createRange();
        const lefts = [...link.textContent ?? ""].map((_, index) => {
          range.setStart(link.firstChild!, index);
          range.setEnd(link.firstChild!, index + 1);
          return range.getBoundingClientRect().left;
        });
        return lefts.every((left, index) => index === 0 || left > lefts[index - 1]!);
      })
    );
    assertEquals(areInOrder, [true, true, true]);
  }),
);

Deno.test(
  "[U147] the widget shows marks and links, and folds long texts",
  withShop(async (chat, shop) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = new WidgetPage(await chat.openPage(shop.page(chat)));
    await alice.enter("alice");
    const long = Array.from({ length: 40 }, (_, n) => `line ${n}`).join("\n");

    await bob.say("room:support", `**bold** https://a.example\n${long}`);

    await alice.panel.locator(".text strong").getByText("bold").waitFor();
    await alice.panel.getByRole("link", { name: "https://a.example" }).waitFor();
    const more = alice.panel.getByRole("button", { name: "Show more" });
    await more.click();
    await alice.panel.getByRole("button", { name: "Show less" }).waitFor();
    const last = (await alice.panel.getByText("line 39").boundingBox())!;
    assert(last.height > 0);
  }),
);
