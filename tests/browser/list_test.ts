import { assert, assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { assertSoon } from "./assert_soon.ts";
import { type BrowserChat, withChat } from "./browser_chat.ts";
import type { ChatPage } from "./chat_page.ts";

/** Opens a page with `count` rooms, named room-0, room-1 …, with one message of bob each. */
async function openRooms(chat: BrowserChat, count: number): Promise<ChatPage> {
  const alice = await chat.signIn("alice");
  using remote = new RemoteChat(chat.url);
  const bob = await remote.signIn("bob");
  const session = await alice.page.evaluate(() =>
    JSON.parse(localStorage.getItem("halley.session") ?? "{}")
  );
  const self = remote.user(session);
  for (let n = 0; n < count; n++) {
    await self.request("PUT", `/api/conversations/room:room-${n}`, {});
    await bob.say(`room:room-${n}`, `hello ${n}`);
  }
  await alice.page.reload();
  await alice.isConnected();
  await alice.conversation("room-0").waitFor();
  return alice;
}

/** Whether the whole of the selected conversation is visible in the list, not covered by the search. */
function isSelectedVisible({ page }: ChatPage): Promise<boolean> {
  return page.locator(".conversations [aria-current]").evaluate((item) => {
    const { left, top, bottom } = item.getBoundingClientRect();
    return [top + 4, bottom - 4].every((y) =>
      item.contains(document.elementFromPoint(left + 20, y))
    );
  });
}

/** How many elements get another style when a room is selected, with all that the page does then. */
async function restyledBySelecting(room: string, alice: ChatPage): Promise<number> {
  const devTools = await alice.page.context().newCDPSession(alice.page);
  let count = 0;
  devTools.on("Tracing.dataCollected", ({ value }) => {
    for (const { name, args } of value) {
      // Playwright declares all values as strings.
      if (name === "UpdateLayoutTree") count += Object(args).elementCount ?? 0;
    }
  });
  const isTraced = new Promise((resolve) => devTools.once("Tracing.tracingComplete", resolve));
  await devTools.send("Tracing.start", { categories: "devtools.timeline" });
  await alice.select(room);
  await alice.sees(`hello ${room.slice("room-".length)}`);
  await alice.page.locator(".people .person").nth(0).waitFor();
  await devTools.send("Tracing.end");
  await isTraced;
  await devTools.detach();
  return count;
}

function header({ page }: ChatPage): Promise<string | null> {
  return page.locator(".conversation-header h2 > :first-child").textContent();
}

Deno.test(
  "[U222] the selected conversation is visible in the list, whether the keyboard, the switcher or a search has led there",
  withChat(async (chat) => {
    const alice = await openRooms(chat, 30);
    const { keyboard } = alice.page;
    await keyboard.press("Control+k");
    await alice.page.getByRole("dialog").waitFor();
    await keyboard.type("room-0");
    await keyboard.press("Enter");
    await assertSoon(() => header(alice), "room-0");
    await assertSoon(() => isSelectedVisible(alice), true);
    await keyboard.press("Alt+ArrowDown");
    await keyboard.press("Alt+ArrowDown");
    await keyboard.press("Alt+ArrowDown");
    await assertSoon(() => isSelectedVisible(alice), true);
    const search = alice.page.getByRole("searchbox", { name: "Search", exact: true });
    await search.fill("room-1");

    await alice.select("room-12");

    await assertSoon(() => header(alice), "room-12");
    await assertSoon(() => search.inputValue(), "");
    await assertSoon(() => isSelectedVisible(alice), true);
  }),
);

Deno.test(
  "[U400] a selection gives new styles only to the two conversations of the list that it concerns",
  withChat(async (chat) => {
    const alice = await openRooms(chat, 60);
    // They are read then, and no more in the section above.
    for (const room of ["room-0", "room-1", "room-0"]) {
      await alice.select(room);
      await alice.sees(`hello ${room.slice("room-".length)}`);
    }
    await assertSoon(() => alice.conversation("room-0").locator(".unread").count(), 0);

    const count = await restyledBySelecting("room-1", alice);

    // The list has about ten elements for each conversation.
    assert(count < 300, `${count} elements`);
  }),
);

Deno.test(
  "[U226] the switcher leads to the name that was typed before longer ones",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    for (const room of ["team-1", "team-10", "team-11"]) await alice.joinRoom(room);
    await assertSoon(() => header(alice), "team-11");
    await alice.select("Lobby");
    await alice.page.keyboard.press("Control+k");
    await alice.page.getByRole("dialog").waitFor();
    await alice.page.keyboard.type("TEAM-1");

    const first = alice.page.getByRole("option").first();

    await assertSoon(() => first.locator(".title").textContent(), "team-1");
  }),
);

Deno.test(
  "[U227] the line above the new messages is below the day",
  withChat(async (chat) => {
    const alice = await openRooms(chat, 1);
    await alice.select("room-0");
    await alice.sees("hello 0");

    const order = await alice.log.locator(".day, .new-line, .group").evaluateAll((all) =>
      all.map(({ className }) => className)
    );

    assertEquals(order, ["day", "new-line", "group"]);
  }),
);

Deno.test(
  "[U228] conversations have the same height with and without unread messages",
  withChat(async (chat) => {
    const alice = await openRooms(chat, 1);
    const height = async (title: string) => (await alice.conversation(title).boundingBox())?.height;
    await alice.conversation("room-0").locator(".unread").waitFor();

    assertEquals(await height("room-0"), await height("Lobby"));
  }),
);

Deno.test(
  "[U229] in forced colours, nothing is visible above the search of the list, and code has an edge",
  withChat(async (chat) => {
    const alice = await openRooms(chat, 30);
    await alice.say("`code`");
    await alice.page.emulateMedia({ forcedColors: "active" });
    const list = alice.page.getByRole("navigation", { name: "Conversations" });
    await list.evaluate((element) => element.scrollTop = 300);

    const [top, search] = [list, list.locator(".search")].map((one) => one.boundingBox());
    assert((await search)!.y - (await top)!.y < 1);
    const code = alice.log.locator(".text code");
    assertEquals(await code.evaluate((one) => getComputedStyle(one).outlineStyle), "solid");
  }),
);

Deno.test(
  "[U230] in forced colours, the selected conversation and reactions have whole edges, one's own another one",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { forcedColors: "active" });
    await alice.say("tea");
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    await assertSoon(() => alice.delivery("tea"), "Sent");
    await bob.request("PUT", `/api/messages/1/reactions/${encodeURIComponent("🎉")}`);
    const reaction = alice.log.locator(".reactions button");
    await reaction.waitFor();
    const edge = (element: typeof reaction) =>
      element.evaluate((one) => {
        const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(one);
        return [outlineStyle, outlineWidth, outlineOffset];
      });

    assertEquals(await edge(reaction), ["solid", "1px", "-1px"]);
    await reaction.click();
    await alice.page.mouse.move(0, 0);
    await alice.composer.focus();
    await assertSoon(() => edge(reaction), ["solid", "2px", "-2px"]);
    assertEquals(await edge(alice.conversation("Lobby")), ["solid", "2px", "-2px"]);
  }),
);

Deno.test(
  "[U231] on a phone, an empty composer has one line, however long the name of the room is",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice", { viewport: { width: 390, height: 760 } });
    await alice.select("Lobby");
    const height = async () => (await alice.composer.boundingBox())?.height;
    const expected = await height();
    await alice.page.goBack();

    await alice.joinRoom("a-room-with-a-name-of-more-than-fifty-characters-in-it");

    await assertSoon(() => header(alice), "a-room-with-a-name-of-more-than-fifty-characters-in-it");
    assertEquals(await height(), expected);
  }),
);
