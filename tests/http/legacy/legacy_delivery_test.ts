import { assertEquals } from "@std/assert";
import { Chat } from "../../support/chat.ts";
import { legacyPage, type LegacyReply, parseLegacyReply } from "../../support/legacy.ts";

/** Alice has sent three messages to the lobby since bob signed in on a legacy page. */
async function openLobby() {
  const chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  for (const text of ["one", "two", "three"]) await alice.say("room:lobby", text);
  const page = legacyPage(chat, bob);
  const poll = async (id?: string): Promise<LegacyReply> => parseLegacyReply(await page.poll(id));
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

Deno.test("[G5] a message is sent again until a poll acknowledges it", async () => {
  const { chat, poll } = await openLobby();
  await using _ = chat;

  const lost = await poll("1000");
  const again = await poll("1000");

  assertEquals([lost["Message"], again["Message"]], ["one", "one"]);
});

Deno.test("[G5] a reloaded page gets the messages that were not acknowledged", async () => {
  const { chat, poll } = await openLobby();
  await using _ = chat;
  const one = await poll("1000");
  await poll(one["MessageId"]);

  const reloaded = await poll("1000");

  assertEquals(reloaded["Message"], "two");
});

Deno.test("[G5] an older MessageId does not revoke an acknowledgement", async () => {
  const { chat, poll } = await openLobby();
  await using _ = chat;
  const one = await poll("1000");
  const two = await poll(one["MessageId"]);
  await poll(two["MessageId"]);

  const late = await poll(one["MessageId"]);

  assertEquals(late["Message"], "three");
});

for (const word of ["1000000002", "1000000003", "1999999999", "999999999999999", "2", "-1", "'"]) {
  Deno.test(`[G5] ${word}, which was never sent, acknowledges nothing`, async () => {
    const { chat, poll } = await openLobby();
    await using _ = chat;
    await poll("1000");

    const next = await poll(word);

    assertEquals(next["Message"], "one");
  });
}

Deno.test("[G5] an acknowledgement does not affect other sessions", async () => {
  const { chat, poll } = await openLobby();
  await using _ = chat;
  const carol = await chat.signIn("carol");
  await legacyPage(chat, carol).say("four");
  const one = await poll("1000");
  await poll(one["MessageId"]);

  const forCarol = parseLegacyReply(await legacyPage(chat, carol).poll());

  assertEquals(forCarol["Message"], "four");
});

Deno.test("[G6] a page does not get messages from before its sign-in", async () => {
  const { chat } = await openLobby();
  await using _ = chat;
  const carol = await chat.signIn("carol");
  await legacyPage(chat, carol).say("hello");

  const first = parseLegacyReply(await legacyPage(chat, carol).poll());

  assertEquals([first["From"], first["Message"]], ["carol", "hello"]);
});

Deno.test("[G6] a page reads the lobby, its direct messages and the notices, and no other room", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say("room:tea", "not for legacy pages");
  await alice.say("room:lobby", "for everyone");
  await alice.say(`direct:${bob.publicToken}`, "for bob");
  await chat.test.store.log.append([{ channel: "notice", text: "everyone" }]);
  await chat.test.store.log.append([
    { channel: `notice:${bob.publicToken}`, title: "Psst", text: "bob alone" },
  ]);
  const page = legacyPage(chat, bob);

  const received: LegacyReply[] = [];
  for (let id = "1000"; received.length < 4; id = received.at(-1)?.["MessageId"] ?? "") {
    received.push(parseLegacyReply(await page.poll(id)));
  }

  assertEquals(received.map((reply) => [reply["From"], reply["Message"], reply["title"]]), [
    ["alice", "for everyone", undefined],
    ["alice", "for bob", undefined],
    ["System", "everyone", undefined],
    ["System", "bob alone", "Psst"],
  ]);
});

Deno.test("[G6] a direct message reaches the recipient and the sender", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const sent = await legacyPage(chat, alice).say("hello", bob.publicToken);

  const echo = parseLegacyReply(await legacyPage(chat, alice).poll());
  const received = parseLegacyReply(await legacyPage(chat, bob).poll());

  assertEquals(sent.status, 200);
  assertEquals(echo["FromToken"], alice.publicToken);
  assertEquals([echo["Message"], received], ["hello", echo]);
});

for (const sendto of ["", "all"]) {
  Deno.test(`[G6] a message to "${sendto}" goes to the lobby`, async () => {
    await using chat = await Chat.open();
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

    await legacyPage(chat, alice).say("hello", sendto);

    assertEquals(parseLegacyReply(await legacyPage(chat, bob).poll())["Channel"], "room:lobby");
  });
}
