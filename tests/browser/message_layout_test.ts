import { assert, assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

const LOBBY = "room:lobby";
const PHONE = { hasTouch: true, viewport: { width: 390, height: 700 } };

/** Whether the body of a message has a background of its own. */
async function isBubble({ log }: ChatPage, text: string): Promise<boolean> {
  const background = await styleOf(messageOf(log, text).locator(".body"), "background-color");
  return background !== "rgba(0, 0, 0, 0)";
}

function messageOf(log: Locator, text: string): Locator {
  return log.locator(".message").filter({ hasText: text });
}

function styleOf(element: Locator, property: string): Promise<string> {
  return element.evaluate(
    (element, property) => getComputedStyle(element).getPropertyValue(property),
    property,
  );
}

/** The space in px between two messages: between the lines of their texts, or between their bubbles. */
async function gapBetween(chat: ChatPage, one: string, other: string): Promise<number> {
  const isBubbles = await isBubble(chat, one);
  const box = isBubbles ? bodyBox : linesBox;
  const [above, below] = [await box(chat.log, one), await box(chat.log, other)];
  return below.y - above.y - above.height;
}

/** Where the lines of a text are. */
function linesBox(log: Locator, text: string) {
  return messageOf(log, text).locator(".text").evaluate((text) => {
    const { x, y, width, height } = text.getBoundingClientRect();
    const padding = parseFloat(getComputedStyle(text).paddingTop);
    return { x, y: y + padding, width, height: height - 2 * padding };
  });
}

function bodyBox(log: Locator, text: string) {
  return messageOf(log, text).locator(".body").evaluate((body) => {
    const { x, y, width, height } = body.getBoundingClientRect();
    return { x, y, width, height };
  });
}

Deno.test(
  "[U135] messages of a room are rows on wide screens, own ones tinted, and bubbles on narrow ones",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    await bob.say(LOBBY, "from bob");
    await alice.say("from alice");
    await alice.sees("from bob", "from alice");

    const [own, other] = await Promise.all(
      ["from alice", "from bob"].map((text) =>
        styleOf(messageOf(alice.log, text), "background-color")
      ),
    );
    assertEquals([await isBubble(alice, "from bob"), await isBubble(alice, "from alice")], [
      false,
      false,
    ]);
    assert(own !== other);
    await alice.page.setViewportSize(PHONE.viewport);
    await assertSoon(() => isBubble(alice, "from bob"), true);
    await assertSoon(() => isBubble(alice, "from alice"), true);
  }),
);

Deno.test(
  "[U135] messages of a direct conversation are bubbles on wide screens",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.openDirect("bob");

    await alice.say("psst");
    await bob.select("alice");
    await bob.sees("psst");

    assertEquals(await isBubble(alice, "psst"), true);
    assertEquals(await isBubble(bob, "psst"), true);
  }),
);

Deno.test(
  "[U136] two messages of a group are 6 px apart, as rows and as bubbles",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    for (const text of ["one", "two"]) await bob.say(LOBBY, text);
    await alice.sees("one", "two");

    await assertSoon(() => gapBetween(alice, "one", "two"), 6);
    await alice.page.setViewportSize(PHONE.viewport);
    await assertSoon(() => gapBetween(alice, "one", "two"), 6);
  }),
);

Deno.test(
  "[U136] the row of a message is tinted as a whole while the mouse or the focus is on it",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    for (const text of ["one", "two"]) await alice.say(text);
    await assertSoon(() => alice.delivery("two"), "Sent");
    const row = messageOf(alice.log, "two");
    const tint = () => styleOf(row, "background-color");
    const plain = await tint();

    await row.hover();
    await assertSoon(async () => await tint() !== plain, true);
    await alice.composer.hover();
    await assertSoon(tint, plain);
    await alice.log.focus();
    await alice.page.keyboard.press("ArrowUp");
    await assertSoon(async () => await tint() !== plain, true);

    const [list, shown] = [await alice.log.boundingBox(), await row.boundingBox()];
    assert(shown!.width > list!.width * 0.85);
  }),
);

Deno.test(
  "[U137] the time of each message is shown by mouse and keyboard, without moving anything",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    for (const text of ["one", "two", "three"]) await alice.say(text);
    await assertSoon(() => alice.delivery("three"), "Sent");
    const header = messageOf(alice.log, "two").locator("header");
    const before = await bodyBox(alice.log, "three");
    assertEquals(await styleOf(header, "opacity"), "0");

    await messageOf(alice.log, "two").hover();
    await assertSoon(() => styleOf(header, "opacity"), "1");
    assertEquals(await bodyBox(alice.log, "three"), before);
    assert(/^\d\d?:\d\d/.test(await header.locator("time").innerText()));
    await alice.composer.hover();
    await assertSoon(() => styleOf(header, "opacity"), "0");
    await alice.log.focus();
    for (const key of ["ArrowUp", "ArrowUp"]) await alice.page.keyboard.press(key);

    await assertSoon(() => styleOf(header, "opacity"), "1");
    assertEquals(await bodyBox(alice.log, "three"), before);
  }),
);

Deno.test(
  "[U137] on a phone, a long press and a tap show the time of a message beside it, within the screen",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    for (const text of ["one", "two ".repeat(60).trim()]) await bob.say(LOBBY, text);
    const phone = await chat.signIn("alice", PHONE);
    await phone.select("Lobby");
    const message = messageOf(phone.log, "two");
    await message.waitFor();
    const header = message.locator("header");
    assertEquals(await styleOf(header, "opacity"), "0");

    // A long press, as the browser reports it.
    await message.locator(".text").dispatchEvent("contextmenu", { pointerType: "touch" });

    await assertSoon(() => styleOf(header, "opacity"), "1");
    const time = (await header.locator("time").boundingBox())!;
    assert(time.x + time.width <= PHONE.viewport.width);
    await phone.composer.tap();
    await assertSoon(() => styleOf(header, "opacity"), "0");
    await message.locator(".text").tap();
    await assertSoon(() => styleOf(header, "opacity"), "1");
  }),
);

const LINES = Array.from({ length: 40 }, (_, n) => `line ${n + 1}`);

Deno.test(
  "[U138] a long text shows 20 lines until the reader asks for more with the keyboard; its beginning stays in place",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    await bob.say(LOBBY, LINES.join("\n"));
    const alice = await chat.signIn("alice");
    const more = alice.button("Show more");
    await more.waitFor();
    const text = alice.log.locator(".text");
    const visibleLines = () =>
      text.evaluate((text) => {
        const fold = text.closest(".fold")!.getBoundingClientRect();
        return Math.round(fold.height / parseFloat(getComputedStyle(text).lineHeight));
      });
    await assertSoon(visibleLines, 20);
    assertEquals(await more.getAttribute("aria-expanded"), "false");
    const topOf = () => text.evaluate((text) => Math.round(text.getBoundingClientRect().top));
    const before = await topOf();

    await alice.log.focus();
    for (const key of ["ArrowUp", "Tab", "Enter"]) await alice.page.keyboard.press(key);

    const less = alice.button("Show less");
    await assertSoon(() => less.getAttribute("aria-expanded"), "true");
    await assertSoon(visibleLines, 40);
    await assertSoon(topOf, before);
    await alice.page.keyboard.press("Enter");
    await assertSoon(visibleLines, 20);
    await assertSoon(() => more.evaluate((button) => button === document.activeElement), true);
  }),
);

Deno.test(
  "[U138] long data is folded like a text, and 20 lines are not",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");

    await bob.say(LOBBY, LINES.slice(0, 20).join("\n"));
    await alice.sees(LINES.slice(0, 20).join("\n"));
    assertEquals(await alice.button("Show more").count(), 0);
    await bob.send({ channel: LOBBY, data: LINES });

    await alice.button("Show more").click();
    await alice.button("Show less").waitFor();
    await assertSoon(
      () => alice.log.locator("pre.text").textContent(),
      JSON.stringify(LINES, null, 2),
    );
  }),
);

Deno.test(
  "[U139] marks that are stacked on a letter are not drawn over the message above",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    const alice = await chat.signIn("alice");
    const stacked = `Z${"\u0300\u0301\u0302\u0303\u0306\u0307\u0308\u030a".repeat(12)}`;
    await bob.say(LOBBY, "above");
    await bob.say(LOBBY, stacked);
    await alice.sees("above", stacked);
    await alice.page.mouse.move(0, 0);
    const clip = await linesBox(alice.log, "above");
    const picture = async () => (await alice.page.screenshot({ clip, caret: "hide" })).toString();

    const withMarks = await picture();
    await alice.log.locator(".text").nth(1).evaluate((text) => text.style.opacity = "0");

    assert(withMarks === await picture());
  }),
);

Deno.test(
  "[U139] accents have space above and below their line",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    const texts = ["Tiếng Việt ỄỘ", "العَرَبِيَّة"];

    for (const text of texts) await alice.say(text);

    await alice.sees(...texts);
    const spaces = await alice.log.locator(".text").evaluateAll((all) =>
      all.map((text) => {
        const context = document.createElement("canvas").getContext("2d")!;
        context.font = getComputedStyle(text).font;
        const drawn = context.measureText(text.textContent ?? "");
        return text.clientHeight - drawn.actualBoundingBoxAscent - drawn.actualBoundingBoxDescent;
      })
    );
    assert(spaces.every((space) => space > 6), String(spaces));
  }),
);
