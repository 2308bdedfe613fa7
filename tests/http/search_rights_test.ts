import { assertEquals } from "@std/assert";
import { DEFAULT_RIGHTS, rightsOf } from "../../server/core/model/rights.ts";
import { ban } from "../support/bans.ts";
import { Chat } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";
import { found, searchRequest } from "../support/search.ts";
import { JWT, tokenFor } from "../support/tokens.ts";

Deno.test("[D84] nobody finds direct messages and notices of others", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const carol = await chat.signIn("carol");
  await alice.say(`direct:${bob.publicToken}`, "secret one");
  await alice.say(`direct:${alice.publicToken}`, "secret two");
  const { hub } = chat.test;
  await hub.publishing.publish("shop", [
    { to: `session:${alice.publicToken}`, text: "secret three" },
    { to: "everyone", text: "secret four" },
  ]);

  const own = ["secret four", "secret three", "secret two", "secret one"];
  assertEquals(await found(alice, "secret"), own);
  assertEquals(await found(bob, "secret"), ["secret four", "secret one"]);
  assertEquals(await found(carol, "secret"), ["secret four"]);
  assertEquals(await found(alice, "secret", { channel: `direct:${bob.publicToken}` }), [
    "secret one",
  ]);
  const theirs = [alice.publicToken, bob.publicToken].sort().join(":");
  for (const channel of [`direct:${theirs}`, `notice:${alice.publicToken}`]) {
    await expectRefusal(searchRequest(carol, { q: "secret", channel }), 403, "not_allowed");
    const firstOf = carol.request("GET", `/api/channels/${channel}/first`);
    await expectRefusal(firstOf, 403, "not_allowed");
  }
});

for (const read of [["room:tea", "room:mi-*"], ["room:tea", "room:mi-lk"]]) {
  Deno.test(`[D84] a user with the right to read ${read.join(" and ")} finds nothing else`, async () => {
    await using chat = await Chat.open({ jwt: JWT });
    const alice = await chat.withToken(await tokenFor({ sub: "1" }));
    const bob = await chat.withToken(await tokenFor({ sub: "2", channels: { read } }));
    for (const room of ["tea", "mi-lk", "vault"]) await alice.say(`room:${room}`, `secret ${room}`);

    assertEquals(await found(bob, "secret"), ["secret mi-lk", "secret tea"]);
    const vault = searchRequest(bob, { q: "secret", channel: "room:vault" });
    await expectRefusal(vault, 403, "not_allowed");
  });
}

Deno.test("[D84] a user whose right to read a room has ended does not find what was said there", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const before = await chat.withToken(await tokenFor({ channels: { read: ["*"], write: ["*"] } }));
  await before.say("room:vault", "secret");
  assertEquals(await found(before, "secret"), ["secret"]);

  const now = await chat.withToken(await tokenFor({ channels: { read: ["room:tea"] } }));

  assertEquals(now.publicToken, before.publicToken);
  assertEquals(await found(now, "secret"), []);
});

Deno.test("[D84] the rooms of visitors are found by these visitors and by the team", async () => {
  const { visitorRooms } = rightsOf({ visitorRooms: ["room:support-*"] });
  const guestRights = { ...DEFAULT_RIGHTS, visitorRooms };
  await using chat = await Chat.open({ jwt: JWT, guestRights });
  const [visitor, other, team] = await Promise.all([
    chat.withToken(await tokenFor({ sub: "1" })),
    chat.withToken(await tokenFor({ sub: "2" })),
    chat.withToken(await tokenFor({ sub: "3", channels: { patterns: ["room:support-*"] } })),
  ]);
  await visitor.say(`room:support-${visitor.publicToken}`, "secret");

  assertEquals(await found(visitor, "secret"), ["secret"]);
  assertEquals(await found(other, "secret"), []);
  assertEquals(await found(team, "secret"), ["secret"]);
});

Deno.test("[D84] somebody who is banned searches no more", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await ban(chat, { session: alice.publicToken });

  await expectRefusal(searchRequest(alice, { q: "cat" }), 403, "banned");
});
