import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./soon.ts";

Deno.test(
  "[U8] a room is joined by its name, and is there after a reload until one leaves it",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

    await alice.joinRoom("茶.room");
    await bob.joinRoom("#茶.room");
    await alice.say("oolong?");
    await bob.sees("oolong?");
    await bob.page.reload();
    await bob.look("茶.room");
    await bob.sees("oolong?");
    await bob.button("Leave").click();
    await alice.say("or green?");
    await alice.look("Lobby");
    await alice.say("where are you?");

    // What is said in the lobby comes after it: it would be here.
    await bob.sees("where are you?");
    await assertSoon(() => bob.conversation("茶.room").count(), 0);
  }),
);

Deno.test(
  "[U8] a name that no room can have is told",
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
  "[U9] the page shows who is here, who comes and who goes",
  withChat(async (chat) => {
    const alice = await chat.signIn("alice");
    await assertSoon(() => alice.people(), ["alice"]);

    const bob = await chat.signIn("bob");
    await assertSoon(() => alice.people(), ["alice", "bob"]);
    chat.faults.isSessionOver = true;
    await bob.signOut();

    await assertSoon(() => alice.people(), ["alice"]);
  }),
);

Deno.test(
  "[U9] the page shows who types, until the message is there",
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
