import { assertEquals } from "@std/assert";
import { Chat } from "../../support/chat.ts";
import { oldPage } from "../../support/legacy.ts";
import { type OldReply, readAsOldClient } from "../../support/old_client.ts";

/** Alice has said three things in the lobby since bob, whose page is old, signed in. */
async function openLobby() {
  const chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  for (const text of ["one", "two", "three"]) await alice.say("room:lobby", text);
  const page = oldPage(chat, bob);
  const poll = async (id?: string): Promise<OldReply> => readAsOldClient(await page.poll(id));
  return { chat, alice, bob, page, poll };
}

Deno.test("[G5] a page that echoes each MessageId gets everything once, in order", async () => {
  const { chat, poll } = await openLobby();
  await using _ = chat;

  const one = await poll("1000");
  const two = await poll(one["MessageId"]);
  const three = await poll(two["MessageId"]);

  assertEquals([one["Message"], two["Message"], three["Message"]], ["one", "two", "three"]);
});

Deno.test("[G5] a message is offered again until a poll acknowledges it", async () => {
  const { chat, poll } = await openLobby();
  await using _ = chat;

  const lost = await poll("1000");
  const again = await poll("1000");

  assertEquals([lost["Message"], again["Message"]], ["one", "one"]);
});

Deno.test("[G5] a reloaded page gets only what was never acknowledged", async () => {
  const { chat, poll } = await openLobby();
  await using _ = chat;
  const one = await poll("1000");
  await poll(one["MessageId"]);

  const reloaded = await poll("1000");

  assertEquals(reloaded["Message"], "two");
});

Deno.test("[G5] an older MessageId takes no acknowledgement back", async () => {
  const { chat, poll } = await openLobby();
  await using _ = chat;
  const one = await poll("1000");
  const two = await poll(one["MessageId"]);
  await poll(two["MessageId"]);

  const late = await poll(one["MessageId"]);

  assertEquals(late["Message"], "three");
});

for (const word of ["1000000002", "1000000003", "1999999999", "999999999999999", "2", "-1", "'"]) {
  Deno.test(`[G5] ${word}, which was never given out, acknowledges nothing`, async () => {
    const { chat, poll } = await openLobby();
    await using _ = chat;
    await poll("1000");

    const next = await poll(word);

    assertEquals(next["Message"], "one");
  });
}

Deno.test("[G5] what one page acknowledges, another session still gets", async () => {
  const { chat, poll } = await openLobby();
  await using _ = chat;
  const carol = await chat.signIn("carol");
  await oldPage(chat, carol).say("four");
  const one = await poll("1000");
  await poll(one["MessageId"]);

  const forCarol = readAsOldClient(await oldPage(chat, carol).poll());

  assertEquals(forCarol["Message"], "four");
});

Deno.test("[G6] a page does not get what was said before it signed in", async () => {
  const { chat } = await openLobby();
  await using _ = chat;
  const carol = await chat.signIn("carol");
  await oldPage(chat, carol).say("I am new");

  const first = readAsOldClient(await oldPage(chat, carol).poll());

  assertEquals([first["From"], first["Message"]], ["carol", "I am new"]);
});

Deno.test("[G6] a page reads the lobby, its inbox and the notices, and no other room", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say("room:tea", "not for old pages");
  await alice.say("room:lobby", "for all");
  await alice.say(`direct:${bob.publicToken}`, "for bob");
  await chat.test.store.log.append([{ channel: "notice", text: "everyone" }]);
  await chat.test.store.log.append([
    { channel: `notice:${bob.publicToken}`, title: "Psst", text: "bob alone" },
  ]);
  const page = oldPage(chat, bob);

  const heard: OldReply[] = [];
  for (let id = "1000"; heard.length < 4; id = heard.at(-1)?.["MessageId"] ?? "") {
    heard.push(readAsOldClient(await page.poll(id)));
  }

  assertEquals(heard.map((reply) => [reply["From"], reply["Message"], reply["title"]]), [
    ["alice", "for all", undefined],
    ["alice", "for bob", undefined],
    ["System", "everyone", undefined],
    ["System", "bob alone", "Psst"],
  ]);
});

Deno.test("[G6] who sends gets it, too; and whom it is sent to", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const sent = await oldPage(chat, alice).say("hello", bob.publicToken);

  const echo = readAsOldClient(await oldPage(chat, alice).poll());
  const received = readAsOldClient(await oldPage(chat, bob).poll());

  assertEquals(sent.status, 200);
  assertEquals(echo["FromToken"], alice.publicToken);
  assertEquals([echo["Message"], received], ["hello", echo]);
});

for (const sendto of ["", "all"]) {
  Deno.test(`[G6] what is sent to "${sendto}" is sent to the lobby`, async () => {
    await using chat = await Chat.open();
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

    await oldPage(chat, alice).say("hello", sendto);

    assertEquals(readAsOldClient(await oldPage(chat, bob).poll())["Channel"], "room:lobby");
  });
}
