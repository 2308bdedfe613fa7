import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./assert_soon.ts";

Deno.test(
  "[U8] a room is joined by name, and stays open after a reload until the user leaves it",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

    await alice.joinRoom("茶.room");
    await bob.joinRoom("#茶.room");
    await alice.say("oolong?");
    await bob.sees("oolong?");
    await bob.page.reload();
    await bob.select("茶.room");
    await bob.sees("oolong?");
    await bob.leave();
    await alice.say("or green?");
    await alice.select("Lobby");
    await alice.say("where are you?");

    // The message in the lobby is newer: the one in the room would have arrived before.
    await bob.sees("where are you?");
    await assertSoon(() => bob.conversation("茶.room").count(), 0);
  }),
);

Deno.test(
  "[U8] the page says when a room name is not valid",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");

    await alice.joinRoom("two words");

    const alert = alice.page.getByRole("alert");
    await assertSoon(
      () => alert.textContent(),
      "Room names have up to 64 letters, digits, dots, hyphens and underscores.",
    );
    await assertSoon(() => alice.page.title(), "Lobby · Halley");
  }),
);

Deno.test(
  "[U245] [U392] beyond the rooms that are listed, the list loads on, and a part of the name finds others, below the field and with Ctrl+K",
  withChat(async (chat) => {
    using remote = new RemoteChat(chat.url);
    const bob = await remote.signIn("bob");
    await bob.poll({ channels: Array.from({ length: 120 }, (_, n) => `room:tea-${n + 100}`) });
    const alice = await chat.signIn("alice");
    const { page } = alice;
    const field = page.getByRole("textbox", { name: "Room name" });
    const rooms = page.getByRole("list", { name: "Active rooms" });
    await field.focus();
    await page.getByText("There are more. Type a part of the name.").waitFor();
    const last = rooms.getByText("# tea-219");
    assertEquals([await rooms.getByRole("button").count(), await last.count()], [99, 0]);

    await field.fill("TEA-21");
    await last.waitFor();
    await page.reload();
    await field.focus();
    await page.getByText("There are more. Type a part of the name.").waitFor();
    await page.locator(".active-rooms").evaluate((list) => list.scrollTo(0, list.scrollHeight));
    await last.waitFor();
    assertEquals(await rooms.getByRole("button").count(), 120);

    await page.reload();
    await alice.isConnected();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("tea-21");
    await page.getByRole("option").filter({ hasText: "tea-219" }).waitFor();
  }),
);

Deno.test(
  "[U69] rooms whose names look the same are distinguished in the suggestions, the list and the header",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.joinRoom("tea");
    await bob.joinRoom("t\u0435a");

    const field = alice.page.getByRole("textbox", { name: "Room name" });
    const marks = (place: string) => alice.page.locator(`${place} .name-mark`).allTextContents();
    // The server caches the list for two seconds: refresh it until it is new.
    const suggested = async () => {
      await field.blur();
      await field.focus();
      return await marks(".active-rooms");
    };
    await assertSoon(suggested, ["U+0435"]);
    await alice.joinRoom("t\u0435a");

    await assertSoon(async () => (await marks(".conversations")).sort(), ["U+0065", "U+0435"]);
    await assertSoon(() => marks(".conversation-header"), ["U+0435"]);
  }),
);

Deno.test(
  "[U9] the page shows who is in the room, who joins and who leaves",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await assertSoon(() => alice.people(), ["alice"]);

    const bob = await chat.signIn("bob");
    await assertSoon(() => alice.people(), ["alice", "bob"]);
    chat.errors.expect("unauthorized");
    await bob.signOut();

    await assertSoon(() => alice.people(), ["alice"]);
  }),
);

Deno.test(
  "[U9] the page shows who is typing until the message arrives",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const typing = alice.page.locator(".typing");

    await bob.composer.pressSequentially("hel");
    await assertSoon(() => typing.textContent(), "bob is typing");
    await bob.composer.press("Enter");

    await alice.sees("hel");
    await assertSoon(() => typing.textContent(), "");
  }),
);
