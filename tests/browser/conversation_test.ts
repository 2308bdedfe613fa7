import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./assert_soon.ts";

Deno.test(
  "[U1] signing in with a name leads to the lobby, also after a reload",
  withChat(async (chat) => {
    const alice = await chat.visit();

    await alice.signIn("alice");
    await alice.page.reload();

    await alice.isConnected();
    await assertSoon(() => alice.page.title(), "Lobby · Halley");
    await assertSoon(() => alice.people(), ["alice"]);
  }),
);

Deno.test(
  "[U1] signing in with a name leads to the room that HOME_ROOM names",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");

    await alice.say("hello");

    await alice.sees("hello");
    await assertSoon(() => alice.page.title(), "tea · Halley");
    const titles = () => alice.page.locator(".conversation-item .title").allTextContents();
    await assertSoon(async () => (await titles()).sort(), ["Notices", "tea"]);
  }, { HOME_ROOM: "tea" }),
);

Deno.test(
  "[U2] a message appears on both pages, and is marked as sent on the sender's",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

    await alice.say("hello");
    await bob.sees("hello");
    await bob.say("good evening");

    await alice.sees("hello", "good evening");
    await assertSoon(() => alice.delivery("hello"), "Sent");
  }),
);

Deno.test(
  "[U3] a click on a person opens a private conversation",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const carol = await chat.signIn("carol");

    await alice.openDirect("bob");
    await alice.say("psst");
    await bob.select("alice");
    await bob.sees("psst");
    await bob.say("yes?");

    await alice.sees("psst", "yes?");
    await assertSoon(() => carol.conversation("alice").count(), 0);
    await carol.sees();
  }),
);

Deno.test(
  "[U4] unread messages are counted until they are read, also after a reload",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await bob.joinRoom("tea");

    await alice.say("one");
    await alice.say("two");
    await alice.openDirect("bob");
    await alice.say("psst");

    await assertSoon(() => bob.unread("Lobby"), "2 unread");
    await assertSoon(() => bob.unread("alice"), "1 unread");
    await bob.page.reload();
    await assertSoon(() => bob.unread("alice"), "1 unread");
    await bob.select("alice");
    await assertSoon(() => bob.unread("alice"), "");
    await assertSoon(() => alice.unread("Lobby"), "");
  }),
);
