import { assert, assertEquals } from "@std/assert";
import type { ReadMarker, StoredSession } from "../../server/core/model/store.ts";
import type { StoreTest } from "./contract.ts";
import { waitUntil } from "../support/wait_until.ts";
import { settle } from "../support/clock.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };
const bob = { publicToken: "bobBobBobBobBob_", displayName: "bob" };

/** Tests of sessions, read markers and the bus. */
export function sessionContract(
  test: StoreTest,
): void {
  const session: StoredSession = { ...alice, createdAt: 1_000, lastSeen: 2_000, startsAfter: 7 };

  test("[S2] a session is found by either of its tokens, and by no other", async (store) => {
    await store.sessions.upsert(session, "secret");

    assertEquals(await store.sessions.findByPrivateToken("secret"), session);
    assertEquals(await store.sessions.findByPublicToken(alice.publicToken), session);
    assertEquals(await store.sessions.findByPrivateToken(alice.publicToken), undefined);
    assertEquals(await store.sessions.findByPublicToken("secret"), undefined);
  });

  test("[S2] a removed session is not found", async (store) => {
    await store.sessions.upsert(session, "secret");

    await store.sessions.remove(alice.publicToken);

    assertEquals(await store.sessions.findByPrivateToken("secret"), undefined);
    assertEquals(await store.sessions.findByPublicToken(alice.publicToken), undefined);
  });

  test("[S2] updating when a session was last seen changes nothing else", async (store) => {
    await store.sessions.upsert(session, "secret");

    await store.sessions.update([{ publicToken: alice.publicToken, lastSeen: 3_000 }]);

    const found = await store.sessions.findByPrivateToken("secret");
    assertEquals(found, { ...session, lastSeen: 3_000 });
  });

  test("[M7] an existing session gets another private token and a new name", async (store) => {
    const user = { ...session, userId: "42" };
    await store.sessions.upsert(user, "first");
    await store.sessions.upsert({ ...user, displayName: "Alice", lastSeen: 9_000 }, "second");

    const renamed = { ...user, displayName: "Alice", lastSeen: 9_000 };
    assertEquals(await store.sessions.findByPrivateToken("first"), renamed);
    assertEquals(await store.sessions.findByPrivateToken("second"), renamed);
    await store.sessions.revokeTokens(alice.publicToken, 7_000);
    assertEquals(await store.sessions.findByPrivateToken("first"), undefined);
    const revoked = { ...renamed, revokedAt: 7_000 };
    assertEquals(await store.sessions.findByPublicToken(alice.publicToken), revoked);
  });

  test("[Q1] a session can be stored and renamed without a private token", async (store) => {
    const user = { ...session, userId: "42" };
    await store.sessions.upsert(user, undefined);
    const marker = { channel: "notice", readUpTo: 3, deliveredUpTo: 3 };
    await store.sessions.setReadMarker(alice.publicToken, marker);

    await store.sessions.revokeTokens(alice.publicToken, 7_000);
    await store.sessions.upsert({ ...user, displayName: "Alice", lastSeen: 9_000 }, undefined);

    const found = await store.sessions.findByPublicToken(alice.publicToken);
    assertEquals(found, { ...user, displayName: "Alice", lastSeen: 9_000, revokedAt: 7_000 });
    assertEquals((await store.sessions.readMarkers(alice.publicToken)).length, 1);
  });

  test("[M7] the newest 50 private tokens of a session are valid", async (store) => {
    for (let n = 0; n < 52; n++) await store.sessions.upsert(session, `token ${n}`);

    const found = [1, 2, 51].map((n) => store.sessions.findByPrivateToken(`token ${n}`));
    const isThere = (await Promise.all(found)).map((one) => one !== undefined);
    assertEquals(isThere, [false, true, true]);
  });

  test("[S9] an existing session gets another private token, and no other session does", async (store) => {
    const { sessions } = store;
    await sessions.upsert(session, "first");

    const added = await sessions.addToken(alice.publicToken, "second");
    const missing = await sessions.addToken(bob.publicToken, "third");

    assertEquals([added, missing], [true, false]);
    assertEquals(await sessions.findByPrivateToken("first"), session);
    assertEquals(await sessions.findByPrivateToken("second"), session);
    assertEquals(await sessions.findByPrivateToken("third"), undefined);
    assertEquals(await sessions.findByPublicToken(bob.publicToken), undefined);
    await sessions.remove(alice.publicToken);
    assertEquals(await sessions.findByPrivateToken("second"), undefined);
  });

  test("[S9] the newest 50 private tokens are valid, however they were added", async (store) => {
    await store.sessions.upsert(session, "token 0");
    for (let n = 1; n < 52; n++) await store.sessions.addToken(alice.publicToken, `token ${n}`);

    const found = [1, 2, 51].map((n) => store.sessions.findByPrivateToken(`token ${n}`));
    const isThere = (await Promise.all(found)).map((one) => one !== undefined);
    assertEquals(isThere, [false, true, true]);
  });

  test("[S6] an existing session gets another name, and no other session does", async (store) => {
    const { sessions } = store;
    await sessions.upsert(session, "secret");

    await sessions.update([
      { publicToken: alice.publicToken, displayName: "Alice", lastSeen: 3_000 },
      { publicToken: bob.publicToken, displayName: "Bob", lastSeen: 3_000 },
    ]);

    const renamed = { ...session, displayName: "Alice", lastSeen: 3_000 };
    assertEquals(await sessions.findByPrivateToken("secret"), renamed);
    assertEquals(await sessions.findByPublicToken(bob.publicToken), undefined);
  });

  test("[D1] read markers are stored until they are removed, and never go back", async (store) => {
    const { sessions } = store;
    await sessions.upsert(session, "secret");
    await sessions.setReadMarker(alice.publicToken, {
      channel: "room:tea",
      readUpTo: 7,
      deliveredUpTo: 7,
    });
    await sessions.setReadMarker(alice.publicToken, {
      channel: "notice",
      readUpTo: 0,
      deliveredUpTo: 0,
    });

    await sessions.setReadMarker(alice.publicToken, {
      channel: "room:tea",
      readUpTo: 3,
      deliveredUpTo: 9,
    });

    const sorted = (await sessions.readMarkers(alice.publicToken))
      .toSorted((one, other) => one.channel.localeCompare(other.channel));
    assertEquals(sorted, [
      { channel: "notice", readUpTo: 0, deliveredUpTo: 0 },
      { channel: "room:tea", readUpTo: 7, deliveredUpTo: 9 },
    ]);
    await sessions.removeReadMarker(alice.publicToken, "room:tea");
    assertEquals((await sessions.readMarkers(alice.publicToken)).map(({ channel }) => channel), [
      "notice",
    ]);
  });

  test("[D1] read markers are removed with their session, and exist for sessions only", async (store) => {
    const { sessions } = store;
    const marker = { channel: "room:tea", readUpTo: 7, deliveredUpTo: 7 };
    await sessions.upsert(session, "secret");
    await sessions.setReadMarker(alice.publicToken, marker);
    await sessions.setReadMarker(bob.publicToken, marker);

    assertEquals(await sessions.readMarkers(bob.publicToken), []);
    await sessions.remove(alice.publicToken);
    assertEquals(await sessions.readMarkers(alice.publicToken), []);
  });

  test("[S4] inactive sessions are removed, and their tokens returned", async (store) => {
    await store.sessions.upsert(session, "secret");
    await store.sessions.upsert({ ...session, ...bob, lastSeen: 5_000 }, "other");

    const removed = await store.sessions.removeInactive(3_000);

    assertEquals(removed, [alice.publicToken]);
    assertEquals(await store.sessions.findByPrivateToken("secret"), undefined);
    assert(await store.sessions.findByPrivateToken("other"));
  });

  test("[S5] guests without a request are removed, those who signed in first before others", async (store) => {
    const { sessions } = store;
    const guests = [1_000, 2_000, 3_000, 4_000].map((createdAt) => ({
      ...{ publicToken: `guest_at_${createdAt}__`, displayName: "guest" },
      ...{ createdAt, lastSeen: createdAt, startsAfter: 0 },
    }));
    for (const guest of guests) await sessions.upsert(guest, `token ${guest.createdAt}`);
    await sessions.upsert({ ...session, userId: "7", lastSeen: session.createdAt }, undefined);
    const [first, used, third, young] = guests.map(({ publicToken }) => publicToken);
    await sessions.update([{ publicToken: used!, lastSeen: 2_001 }]);
    await sessions.setReadMarker(first!, { channel: "room:tea", readUpTo: 1, deliveredUpTo: 1 });

    const removed = await sessions.removeUnused(4_000);

    assertEquals([...removed], [first, third]);
    assertEquals([...await sessions.removeUnused(4_000)], []);
    assertEquals(await sessions.findByPrivateToken("token 1000"), undefined);
    assertEquals(await sessions.readMarkers(first!), []);
    for (const publicToken of [used!, young!, alice.publicToken]) {
      assert(await sessions.findByPublicToken(publicToken), publicToken);
    }
    assertEquals(await sessions.count(), 3);
  });

  test("[Y20] a conversation is unanswered until that is changed, if it was new", async (store) => {
    const { sessions } = store;
    await sessions.upsert(session, "secret");
    const marker = { channel: "room:tea", readUpTo: 1, deliveredUpTo: 1 };
    const set = async (isUnanswered?: boolean) => {
      const change = isUnanswered === undefined ? {} : { isUnanswered };
      await sessions.setReadMarker(alice.publicToken, { ...marker, ...change });
      return (await sessions.readMarkers(alice.publicToken))[0]?.isUnanswered;
    };

    assertEquals(await set(true), true);
    assertEquals(await set(), true);
    assertEquals(await set(false), undefined);
    assertEquals(await set(true), undefined);
  });

  test("[D60] the settings of a conversation are stored until they change or it is closed", async (store) => {
    const { sessions } = store;
    await sessions.upsert(session, "secret");
    const marker = { channel: "room:tea", readUpTo: 1, deliveredUpTo: 1 };
    const set = async (settings: Partial<ReadMarker>) => {
      await sessions.setReadMarker(alice.publicToken, { ...marker, ...settings });
      return (await sessions.readMarkers(alice.publicToken))[0];
    };

    assertEquals(await set({ notify: "none" }), { ...marker, notify: "none" });
    assertEquals(await set({ isPinned: true }), { ...marker, notify: "none", isPinned: true });
    assertEquals(await set({}), { ...marker, notify: "none", isPinned: true });
    assertEquals(await set({ notify: "all", isPinned: false }), { ...marker, notify: "all" });
    assertEquals(await set({ unreadFrom: 7 }), { ...marker, notify: "all", unreadFrom: 7 });
    assertEquals(await set({}), { ...marker, notify: "all", unreadFrom: 7 });
    assertEquals(await set({ unreadFrom: 0 }), { ...marker, notify: "all" });
    assertEquals(await set({ unreadFrom: 8 }), { ...marker, notify: "all", unreadFrom: 8 });
    await sessions.removeReadMarker(alice.publicToken, "room:tea");
    assertEquals(await set({}), marker);
  });

  test("[H3] a signal reaches listeners until they are disposed", async (store) => {
    const signal = { type: "typing", from: alice, at: 0 } as const;
    const received: string[] = [];
    const listener = store.bus.listen((event) => {
      if (event.type === "signal") received.push(event.signal.channel);
    });
    const send = (channel: string) =>
      store.bus.broadcast({ type: "signal", signal: { ...signal, channel } });
    send("room:tea");
    await waitUntil(() => received.length > 0, "the signal is received");
    listener[Symbol.dispose]();
    send("room:milk");
    await settle();

    assertEquals(received, ["room:tea"]);
  });
}
