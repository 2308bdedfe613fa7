import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import type { Session } from "../../server/core/model/session.ts";
import type { Store } from "../../server/core/model/store.ts";
import { Leader } from "../../server/core/cluster/leader.ts";
import { waitUntil } from "../support/wait_until.ts";
import { changeNodesContract } from "./change_nodes_contract.ts";
import { eraseNodesContract } from "./erase_nodes_contract.ts";
import { TestHub, type TestHubOptions, texts } from "../support/hub.ts";

/** Opens an empty store for two nodes. */
export type OpenPair = () => Promise<readonly [left: Store, right: Store]>;

/** Two nodes over one store. */
interface Nodes {
  readonly left: TestHub;
  readonly right: TestHub;
}

interface NodesOptions {
  readonly ignore?: boolean;
  /** The options of each hub. */
  readonly optionsOf?: (node: number) => TestHubOptions;
}

/** Defines the tests that two nodes over one store must pass. */
export function nodesContract(
  name: string,
  open: OpenPair,
  { ignore = false, optionsOf = () => ({}) }: NodesOptions = {},
): void {
  const test = (title: string, run: (nodes: Nodes) => Promise<void>) =>
    Deno.test(`${title} (${name})`, { ignore }, async () => {
      await using opened = new AsyncDisposableStack();
      const [left, right] = (await open()).map((store) => opened.use(store));
      const hubs = {
        left: await TestHub.open(optionsOf(1), left),
        right: await TestHub.open(optionsOf(2), right),
      };
      // Disposed before both stores.
      for (const { hub } of Object.values(hubs)) opened.use(hub);
      await run(hubs);
    });

  changeNodesContract(test);
  eraseNodesContract(test);
  test("[F1] a message that is sent on one node wakes a reader on the other", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];
    const poll = right.poll(bob, { cursor: await right.cursor(bob) });

    await left.say(alice, "room:tea", "hello");

    assertEquals(texts(await poll), ["hello"]);
  });

  test("[F1] a direct message reaches a session of the other node", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];
    const poll = right.poll(bob, { cursor: await right.cursor(bob) });

    await left.say(alice, `direct:${bob.publicToken}`, "psst");

    assertEquals(texts(await poll), ["psst"]);
  });

  test("[F36] a message counts as delivered when its tab acknowledges it by a poll of the other node", async ({ left, right }) => {
    const alice = await left.signIn("alice");
    const { privateToken } = await left.hub.signIn("bob");
    const bob = await left.hub.sessions.authenticate(privateToken);
    const bobOnRight = await right.hub.sessions.authenticate(privateToken);
    assert(bob && bobOnRight);
    const { cursor } = await left.poll(bob, { tab: "t", turn: 1 });
    const { id } = await left.say(alice, `direct:${bob.publicToken}`, "psst");
    const reply = await left.poll(bob, { tab: "t", turn: 2, cursor });

    await right.poll(bobOnRight, { tab: "t", turn: 3, cursor: reply.cursor, hold: 0 });

    await waitUntil(
      async () => (await left.hub.receipts.describe(id)).state === "delivered",
      "the message counts as delivered",
    );
  });

  test("[F2] both nodes have all messages in the same order", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];
    const said = Array.from(
      { length: 40 },
      (_, n) =>
        n % 2 === 0 ? left.say(alice, "room:tea", `${n}`) : right.say(bob, "room:tea", `${n}`),
    );
    const ids = (await Promise.all(said)).map(({ id }) => id);

    for (const { store } of [left, right]) {
      await waitUntil(
        async () => await store.log.newestId() === Math.max(...ids),
        "it has all messages",
      );
    }
    const read = async (hub: TestHub) => (await hub.store.log.read(["room:tea"], 0, 100)).messages;

    const seen = await read(left);
    assertEquals(await read(right), seen);
    assertEquals(seen.map(({ id }) => id), ids.toSorted((one, other) => one - other));
    assertEquals(new Set(texts({ messages: seen })).size, 40);
  });

  test("[F43] the newest page of a history has what was acknowledged on another node", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];

    for (let n = 0; n < 50; n++) {
      const { id } = await left.say(alice, "room:tea", `${n}`);
      const { messages } = await right.hub.history.page(bob, "room:tea", { limit: 5 });
      assertEquals(messages[0]?.id, id, `message ${n}`);
    }
  });

  test("[F3] the same key sent on both nodes is one message", async ({ left, right }) => {
    const draft = {
      channel: "room:tea",
      from: { publicToken: "aliceAliceAlice_", displayName: "alice" },
      text: "hello",
      key: "k",
    };

    const both = [left, right].map(({ store }) => store.log.append([draft]));
    const appended = (await Promise.all(both)).flat();

    assertEquals(appended[1]?.message, appended[0]?.message);
    assertEquals(appended.map(({ repeated }) => repeated).sort(), [false, true]);
    assertEquals(await left.store.log.newestId(), 1);
  });

  test("[F4] a session can continue on the other node with the same cursor", async ({ left, right }) => {
    const { privateToken } = await left.hub.signIn("alice");
    const alice = (await left.hub.sessions.authenticate(privateToken))!;
    const cursor = await left.cursor(alice);
    await left.say(alice, "room:tea", "one");

    const there = (await right.hub.sessions.authenticate(privateToken))!;

    assertEquals(texts(await right.poll(there, { cursor })), ["one"]);
  });

  test("[F4] a session that signs out on one node is signed out on the other", async ({ left, right }) => {
    const { privateToken } = await left.hub.signIn("alice");
    const here = (await left.hub.sessions.authenticate(privateToken))!;
    const there = (await right.hub.sessions.authenticate(privateToken))!;
    const poll = right.poll(there, { cursor: await right.cursor(there) });

    await left.hub.accounts.signOut(here);

    const { outcome, reason } = await poll;
    assertEquals([outcome, reason], ["cancelled", "signed_out"]);
    await waitUntil(
      async () => await right.hub.sessions.authenticate(privateToken) === undefined,
      "the token is no longer valid",
    );
  });

  test("[Q10] a session that is kicked on one node is kicked on the other", async ({ left, right }) => {
    const publicToken = await left.hub.sessions.tokenOf("42");
    const at = Date.now();
    const times = { issuedAt: at - 5_000, checkedAt: at, expires: at + 300_000 };
    const claims = { publicToken, displayName: "alice", userId: "42", ...times };
    await left.hub.accounts.sessionForClaims(claims);
    const there = await right.hub.accounts.sessionForClaims(claims);
    const poll = right.poll(there, { cursor: await right.cursor(there) });

    await left.hub.accounts.kick(claims.publicToken);

    const { outcome, reason } = await poll;
    assertEquals([outcome, reason], ["cancelled", "kicked"]);
    await assertRejects(() => right.hub.accounts.sessionForClaims(claims), Refused);
    const later = { ...claims, issuedAt: at + 20_000 };
    assertEquals(
      (await right.hub.accounts.sessionForClaims(later)).publicToken,
      claims.publicToken,
    );
  });

  test("[F5] a reader of one node is present on the other until its last poll ends", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];
    await left.poll(alice, { hold: 0 });
    await waitUntil(() => isPresent(right, bob, "alice active"), "alice is present on the right");

    await left.poll(alice, { hold: 0, state: "background" });
    await waitUntil(() => isPresent(right, bob, "alice background"), "alice is in the background");
    await left.hub.accounts.signOut(alice);

    await waitUntil(async () => (await present(right, bob)).length === 0, "alice has left");
  });

  test("[F5] a new node learns who is present on the others", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];
    await left.poll(alice, { hold: 0 });
    await waitUntil(() => isPresent(right, bob, "alice active"), "alice is present");

    // Another hub over the same store acts as another node.
    const later = await TestHub.open({}, right.store);
    await using _ = later.hub;

    await waitUntil(
      () => isPresent(later, bob, "alice active"),
      "alice is present on the new node",
    );
  });

  test("[F5] a typing signal reaches the other node", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];
    const cursor = await right.cursor(bob);
    const poll = right.poll(bob, { cursor, wantsSignals: true });

    left.hub.typing(alice, "room:tea");

    const { signals } = await poll;
    assertEquals(signals.map(({ type, from }) => [type, from.displayName]), [["typing", "alice"]]);
  });

  test("[F6] a newer poll of a tab on another node ends the older one", async ({ left, right }) => {
    const { here, there } = await onBoth(left, right);
    const older = left.poll(here, { cursor: await left.cursor(here), tab: "desk", turn: 1 });
    await waitUntil(() => left.hub.parked === 1, "the older one is parked");

    const newer = right.poll(there, { cursor: await right.cursor(there), tab: "desk", turn: 2 });

    const { outcome, reason } = await older;
    assertEquals([outcome, reason], ["cancelled", "superseded"]);
    await left.say(here, "room:tea", "hello");
    assertEquals(texts(await newer), ["hello"]);
  });

  test("[F6] a delayed poll on another node ends itself, not the newer one", async ({ left, right }) => {
    const { here, there } = await onBoth(left, right);
    const newer = left.poll(here, { cursor: await left.cursor(here), tab: "desk", turn: 2 });
    await waitUntil(() => left.hub.parked === 1, "the newer one is parked");

    const older = right.poll(there, { cursor: await right.cursor(there), tab: "desk", turn: 1 });

    assertEquals((await older).reason, "superseded");
    await left.say(here, "room:tea", "hello");
    assertEquals(texts(await newer), ["hello"]);
  });

  test("[F7] one node leads, and another one takes over when it ends", async ({ left, right }) => {
    const log: string[] = [];
    const lead = (name: string) => () => {
      log.push(`${name} begins`);
      return Promise.resolve({
        [Symbol.asyncDispose]: () => Promise.resolve(void log.push(`${name} ends`)),
      });
    };
    const start = (name: string, { hub, store: { keyValue } }: TestHub) =>
      Leader.start({ keyValue, name: "tea", node: hub.node, lead: lead(name), onError: fail });

    const first = await start("left", left);
    await using second = await start("right", right);
    assertEquals([first.isLeading, second.isLeading], [true, false]);
    await first[Symbol.asyncDispose]();
    await waitUntil(() => second.isLeading, "the other one takes over");

    assertEquals(log, ["left begins", "left ends", "right begins"]);
  });

  test("[F8] data that one node has stored is found by the other", async ({ left, right }) => {
    const [alice, bob] = [await left.signIn("alice"), await right.signIn("bob")];
    const { id, channel } = await left.say(alice, `direct:${bob.publicToken}`, "psst");
    await right.hub.conversations.open(bob, channel, { readUpTo: id });
    await left.store.keyValue.set("checkpoint", "7");
    await left.store.queue.add([{ due: 1, tries: 0, body: "task" }], 10);

    const { state } = await left.hub.receipts.describe(id) as { state?: string };

    assertEquals(state, "seen");
    assertEquals(await right.store.keyValue.get("checkpoint"), "7");
    assertEquals((await right.store.queue.listDue(10, 10)).map(({ body }) => body), ["task"]);
    const [conversation] = (await left.hub.conversations.list(alice)).conversations;
    assertEquals(conversation?.other?.readUpTo, id);
  });
}

/** A session that both nodes know. */
async function onBoth(left: TestHub, right: TestHub) {
  const { privateToken } = await left.hub.signIn("alice");
  const here = await left.hub.sessions.authenticate(privateToken);
  const there = await right.hub.sessions.authenticate(privateToken);
  assert(here !== undefined && there !== undefined);
  return { here, there };
}

async function present({ hub }: TestHub, session: Session): Promise<string[]> {
  const { present } = await hub.channelPresence.list(session, "room:tea");
  return present.map(({ displayName, state }) => `${displayName} ${state}`);
}

async function isPresent(hub: TestHub, session: Session, who: string): Promise<boolean> {
  return (await present(hub, session)).includes(who);
}

function fail(error: unknown): never {
  throw error;
}
