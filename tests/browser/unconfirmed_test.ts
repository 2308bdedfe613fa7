import { assertEquals } from "@std/assert";
import { assertSoon } from "./assert_soon.ts";
import { withChat } from "./browser_chat.ts";
import { type ChatPage, REFUSAL } from "./chat_page.ts";

async function edit(person: ChatPage, text: string, edited: string): Promise<void> {
  await person.log.getByText(text, { exact: true }).hover();
  await person.button("Edit").click();
  await person.page.getByRole("textbox", { name: "Edit message" }).fill(edited);
  await person.button("Save").click();
}

async function remove(person: ChatPage, text: string): Promise<void> {
  await person.log.getByText(text, { exact: true }).hover();
  await person.button("Delete").click();
  await person.button("Really delete?").click();
}

async function react(person: ChatPage, text: string): Promise<void> {
  await person.log.getByText(text, { exact: true }).hover();
  await person.button("React").click();
  await person.button("Thumbs up").click();
}

function chips(person: ChatPage): Promise<string[]> {
  return person.log.locator(".reactions button").allTextContents();
}

Deno.test(
  "[U129] edits, deletions and reactions are shown while the server is killed, survive a reload, and are sent",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    for (const text of ["one", "two", "three"]) await alice.say(text);
    await bob.sees("one", "two", "three");
    await assertSoon(() => alice.delivery("three"), "Sent");
    // The page itself is loaded from the cache of this proxy while the server is away.
    await alice.page.context().route("**/api/**", (route) => route.abort());
    chat.errors.expect("network");

    await edit(alice, "one", "uno");
    await remove(alice, "two");
    await react(alice, "three");
    await alice.sees("uno", "two", "three");
    await assertSoon(() => alice.log.getByText("Not saved yet").count(), 1);
    await assertSoon(() => alice.log.getByText("Not deleted yet").count(), 1);
    await assertSoon(() => chips(alice), ["👍 1"]);
    await chat.kill();
    await chat.restart();
    await bob.isConnected();
    await bob.sees("one", "two", "three");
    await alice.page.context().unroute("**/api/**");
    await alice.page.reload();

    for (const page of [alice, bob]) {
      await page.sees("uno", "three");
      await assertSoon(() => chips(page), ["👍 1"]);
      await assertSoon(() => page.log.getByText(/^Not (saved|deleted) yet$/).count(), 0);
    }
  }),
);

Deno.test(
  "[U129] a killed server gets what was changed meanwhile, without a reload",
  withChat(async (chat) => {
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.say("one");
    await bob.sees("one");
    await assertSoon(() => alice.delivery("one"), "Sent");
    await chat.kill();

    await edit(alice, "one", "uno");
    await alice.say("two");
    await react(alice, "uno");
    await react(alice, "uno");
    await react(alice, "uno");
    await alice.sees("uno", "two");
    await assertSoon(() => chips(alice), ["👍 1"]);
    await chat.restart();
    await alice.reconnect();

    await bob.sees("uno", "two");
    await assertSoon(() => chips(bob), ["👍 1"]);
    await assertSoon(() => alice.log.getByText("Not saved yet").count(), 0);
  }),
);

Deno.test(
  "[U130] what one window has changed is shown in the others, and sent by any of them",
  withChat(async (chat) => {
    chat.errors.expect("network");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.say("one");
    await bob.sees("one");
    await assertSoon(() => alice.delivery("one"), "Sent");
    const second = await alice.secondWindow();
    await second.sees("one");
    const context = alice.page.context();
    await context.route("**/api/messages/**", (route) => route.abort());

    await edit(alice, "one", "uno");
    await second.sees("uno");
    await react(second, "uno");
    await assertSoon(() => chips(alice), ["👍 1"]);
    await alice.page.close();
    await context.unroute("**/api/messages/**");

    await bob.sees("uno");
    await assertSoon(() => chips(bob), ["👍 1"]);
    await assertSoon(() => second.log.getByText("Not saved yet").count(), 0);
  }),
);

Deno.test(
  "[U131] a change that the server refuses is shown with its reason, and can be repeated or discarded",
  withChat(async (chat) => {
    chat.errors.expect("refusal");
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    await alice.say("one");
    await bob.sees("one");
    await assertSoon(() => alice.delivery("one"), "Sent");
    await alice.page.route("**/api/messages/**", (route) => route.fulfill(REFUSAL), { times: 2 });

    await edit(alice, "one", "uno");
    const alert = alice.log.getByRole("alert");
    await alert.getByText("You don’t have permission for this").waitFor();
    await alice.sees("one");
    await alice.page.reload();
    await alert.getByText("Couldn’t change this message.").waitFor();
    await alice.button("Try again").click();
    await assertSoon(() => alert.count(), 1);
    await alice.button("Try again").click();

    await bob.sees("uno");
    await alice.sees("uno");
    assertEquals(await alert.count(), 0);
  }),
);
