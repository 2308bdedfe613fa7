import { withChat } from "./browser_chat.ts";
import { assertSoon } from "./soon.ts";

Deno.test(
  "[U15] a sign-out ends the session in all its windows, and nothing of it is left to the next",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();
    await bob.talkTo("alice");
    await bob.say("psst");
    await alice.look("bob");

    chat.faults.isSessionOver = true;
    await alice.signOut();

    await alice.nameField.waitFor();
    await second.nameField.waitFor();
    await assertSoon(
      () => second.page.getByRole("status").textContent(),
      "You’ve been signed out. Sign in again to continue.",
    );
    await alice.signIn("carol");
    await assertSoon(() => alice.conversation("bob").count(), 0);
    await bob.page.getByText("signed out", { exact: true }).waitFor();
    await assertSoon(() => bob.people(), ["bob"]);
  }),
);

Deno.test(
  "[U16] two windows of a session show the same, whichever of them one writes in",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const second = await alice.secondWindow();

    await alice.say("from the first");
    await second.sees("from the first");
    await second.say("from the second");
    await bob.sees("from the first", "from the second");
    await bob.say("I see");

    for (const window of [alice, second]) {
      await window.sees("from the first", "from the second", "I see");
      await assertSoon(() => window.delivery("from the first"), "Sent");
      await assertSoon(() => window.delivery("from the second"), "Sent");
    }
    await assertSoon(() => bob.people(), ["alice", "bob"]);
  }),
);
