import { assert, assertEquals } from "@std/assert";
import type { Erasure } from "../../../server/protocol/admin_replies.ts";
import type { Entry } from "../../../server/core/model/message.ts";
import { rightsOf } from "../../../server/core/model/rights.ts";
import { stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";
import { erase, everything, finish, refusalOf, startJob } from "./erasing.ts";

Deno.test("[M50] a person is erased: messages, conversations of both sides, receipts, session and user id", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const { hub, store } = test;
  const user = await hub.signInUser("42", "alice-name");
  const [alice, bob] = [await hub.sessions.find(user.publicToken), await test.signIn("bob")];
  assert(alice);
  const direct = `direct:${[alice.publicToken, bob.publicToken].sort().join(":")}`;
  await test.say(alice, "room:tea", "one");
  await test.say(bob, "room:tea", "two");
  await test.say(alice, `direct:${bob.publicToken}`, "psst");
  await test.say(bob, `direct:${alice.publicToken}`, "what?");
  await hub.publishing.publish("shop", [{ to: "user:42", text: "order" }]);
  await hub.publishing.publish("shop", [{ to: "everyone", text: "news" }]);
  const at = Date.now();
  await store.receipts.add([alice, bob].map(({ publicToken }) => ({
    ...{ kind: "seen", publicToken, channel: direct, tab: "", after: 0, upTo: 4, at } as const,
  })));

  const erasure = await erase(test, clock, alice);

  const { state, scanned, erased } = erasure;
  assertEquals([state, erased, scanned >= 6], ["done", 4, true]);
  const all = await everything(test);
  for (const gone of ["alice-name", "one", "psst", "what?", "order"]) {
    assert(!all.includes(`"${gone}"`), `${gone} in ${all}`);
  }
  const left = (await store.log.read(["room:tea", "notice"], 0, 10)).messages;
  assertEquals(texts({ messages: left }).filter((text) => text !== ""), ["two", "news"]);
  assertEquals(await hub.sessions.find(alice.publicToken), undefined);
  assertEquals(await store.sessions.readMarkers(alice.publicToken), []);
  assertEquals(await store.sessions.readMarkers(bob.publicToken), []);
  assertEquals(await hub.accounts.userIds.find(alice.publicToken), undefined);
  for (const { publicToken } of [alice, bob]) {
    assertEquals(await store.receipts.list(publicToken), []);
  }
  assertEquals(await hub.sessions.find(bob.publicToken) !== undefined, true);
});

Deno.test("[M56] a guest whose session has ended is erased, too", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const alice = await test.signIn("alice-name");
  await test.say(alice, "room:tea", "one");
  await test.hub.accounts.signOut(alice);

  const { erased } = await erase(test, clock, alice);

  assertEquals(erased, 1);
  assert(!(await everything(test)).includes("alice-name"));
});

Deno.test("[M50] a conversation without messages leaves the list of the other person", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const [alice, bob] = [await test.signIn("alice-name"), await test.signIn("bob")];
  await test.hub.conversations.open(bob, `direct:${alice.publicToken}`);
  const before = (await test.hub.conversations.list(bob)).conversations.length;

  await erase(test, clock, alice);

  const { conversations } = await test.hub.conversations.list(bob);
  assertEquals([before, conversations], [1, []]);
});

Deno.test("[M50] edited and deleted messages keep no name of a person who is erased", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const alice = await test.signIn("alice-name");
  for (const text of ["one", "two"]) await test.say(alice, "room:tea", text);
  await test.hub.change(alice, 1, { text: "uno" });
  await test.hub.change(alice, 2);

  await erase(test, clock, alice);

  const all = await everything(test);
  assert(!all.includes("alice-name") && !all.includes("uno"), all);
});

Deno.test("[M50] what waits for a user who was never there is erased", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const { erasures, publishing, accounts, sessions } = test.hub;
  await publishing.publish("shop", [{ to: "user:42", text: "order" }]);
  const publicToken = await sessions.tokenOf("42");

  const { id, state } = await erasures.eraseUser("42");
  const { erased } = await finish(test, clock, id);

  assertEquals([id, state, erased], [publicToken, "running", 1]);
  assertEquals(await accounts.userIds.find(publicToken), undefined);
  assert(!(await everything(test)).includes("order"));
});

Deno.test("[M50] in a visitor's own room, the messages of both sides are erased", async () => {
  using clock = stopClock();
  const guestRights = rightsOf({ read: ["*"], write: ["*"], visitorRooms: ["room:support-*"] });
  await using test = await TestHub.open({ guestRights });
  await using _ = startJob(test);
  const alice = await test.signIn("alice");
  const [own, other] = [`room:support-${alice.publicToken}`, `room:team-${alice.publicToken}`];
  await test.say(alice, own, "help");
  for (const to of [own, other]) {
    await test.hub.publishing.publish("shop", [{ to, text: "answer" }]);
  }

  const { erased } = await erase(test, clock, alice);

  assertEquals(erased, 2);
  const { messages } = await test.store.log.read([other], 0, 10);
  assertEquals(texts({ messages }), ["answer"]);
});

Deno.test("[M51] a person who is erased is signed out first", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  const { hub } = test;
  const { privateToken, publicToken } = await hub.signIn("alice");
  const alice = await hub.sessions.authenticate(privateToken);
  assert(alice);
  const poll = test.poll(alice, { cursor: await test.cursor(alice) });
  await clock.pass(100);

  await hub.erasures.eraseSession(publicToken);

  const { outcome, reason } = await poll;
  assertEquals([outcome, reason], ["cancelled", "kicked"]);
  assertEquals(await refusalOf(() => test.say(alice, "room:tea", "one")), "not_signed_in");
  assertEquals(await refusalOf(() => hub.sessions.authenticate(privateToken)), "kicked");
});

Deno.test("[M51] a user comes back only with a token that is newer than the erasure, and finds nothing", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  const { accounts, erasures, sessions } = test.hub;
  const publicToken = await sessions.tokenOf("42");
  const claims = () => {
    const now = Date.now();
    const times = { issuedAt: now, checkedAt: now, expires: now + 1e9 };
    return { publicToken, displayName: "alice", userId: "42", ...times };
  };
  const first = claims();
  await accounts.sessionForClaims(first);
  await clock.pass(2_000);
  await erasures.eraseUser("42");
  await clock.pass(2_000);
  const meanwhile = claims();

  const refusals: string[] = [];
  for (const old of [first, meanwhile]) {
    refusals.push(await refusalOf(() => accounts.sessionForClaims(old)));
  }
  refusals.push(await refusalOf(() => accounts.signInUser("42", "alice")));
  await using _ = startJob(test);
  await finish(test, clock, publicToken);
  await clock.pass(1_000);
  for (const old of [first, meanwhile]) {
    refusals.push(await refusalOf(() => accounts.sessionForClaims(old)));
  }

  const [, , third] = refusals;
  assertEquals(refusals.toSpliced(2, 1), Array(4).fill("not_signed_in"));
  assertEquals(third, "not_allowed");
  const again = await accounts.sessionForClaims(claims());
  assertEquals((await test.hub.conversations.list(again)).conversations, []);
});

Deno.test("[M52] an erasure that is requested again while it runs is the same one", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  const { erasures } = test.hub;
  const { publicToken } = await test.signIn("alice");

  const first = await erasures.eraseSession(publicToken);
  await clock.pass(1_000);
  const second = await erasures.eraseSession(publicToken);

  assertEquals(second, first);
  await using _ = startJob(test);
  await finish(test, clock, publicToken);
  assertEquals(await refusalOf(() => erasures.eraseSession("nobody")), "not_found");
  assertEquals(await refusalOf(() => erasures.get("bobBobBobBobBob_")), "not_found");
});

Deno.test("[M52] a job that is stopped is continued by the next one, which does no part again", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  for (let n = 0; n < 1_200; n++) await test.say(n % 2 === 0 ? alice : bob, "room:tea", `${n}`);
  const { erasures } = test.hub;
  {
    await using _ = startJob(test);
    await erasures.eraseSession(alice.publicToken);
    await clock.pass(30);
  }
  const stopped = await erasures.get(alice.publicToken);

  await using _ = startJob(test);
  const { scanned, erased } = await finish(test, clock, alice.publicToken);

  assertEquals([stopped.state, stopped.erased < 600, erased], ["running", true, 600]);
  assert(scanned <= 2_500, `${scanned}`);
  assertEquals(
    (await test.store.log.read(["room:tea"], 0, 2_000)).messages.filter(({ text }) => text).length,
    600,
  );
});

Deno.test("[M52] several people are erased one after the other", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  const done: Erasure[] = [];
  await using _ = startJob(test, done);
  const people = [];
  for (const name of ["alice", "bob", "carol"]) people.push(await test.signIn(name));
  for (const person of people) await test.say(person, "room:tea", "hello");

  for (const { publicToken } of people) await test.hub.erasures.eraseSession(publicToken);
  for (const { publicToken } of people) await finish(test, clock, publicToken);
  // The record of the last one is stored before its end is reported.
  await clock.pass(25);

  assertEquals(
    done.map(({ id, erased }) => [id, erased]),
    people.map((one) => [one.publicToken, 1]),
  );
});

Deno.test("[M53] readers get the deletion of each erased message once, in order", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const followed: Entry[] = [];
  const cursor = await test.cursor(bob);
  for (const text of ["one", "two", "three"]) await test.say(alice, "room:tea", text);
  using _following = await test.store.log.follow(3, (entries) => void followed.push(...entries));

  await erase(test, clock, alice);
  const { messages, changes = [] } = await test.poll(bob, { cursor });

  assertEquals(messages, []);
  assertEquals(changes.map(({ message }) => message.id), [1, 2, 3]);
  for (const { message: { id, channel, at, deletedAt, ...rest } } of changes) {
    assertEquals([channel, rest], ["room:tea", {}], `${id} ${at} ${deletedAt}`);
  }
  assertEquals(followed.map(({ message }) => message?.id), [1, 2, 3]);
});
