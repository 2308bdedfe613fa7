import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "@nats-io/transport-node";
import type { Draft } from "../../server/core/message.ts";
import { Refused } from "../../server/core/refusal.ts";
import type { Retention } from "../../server/core/store.ts";
import { NatsStore } from "../../server/stores/nats_store.ts";
import { StoreUnusable } from "../../server/stores/store_unusable.ts";
import { eventually } from "../process/eventually.ts";
import { TestHub, texts } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { ServerProcess } from "../support/server_process.ts";
import { hasNats, NatsServer } from "./nats_server.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

function tea(text: string, key?: string): Draft {
  return { channel: "room:tea", from: alice, text, ...(key !== undefined && { key }) };
}

const LOCK = ["--user", "halley", "--pass", "a-secret-of-the-two-of-us"];

const isThere = hasNats();
const servers = { open: await startIfThere(), locked: await startIfThere(...LOCK) };
Deno.test.afterAll(async () => {
  await servers.open?.[Symbol.asyncDispose]();
  await servers.locked?.[Symbol.asyncDispose]();
});

/** Each deployment has streams of its own. */
let deployments = 0;

function test(title: string, run: (name: string, server: NatsServer) => Promise<void>): void {
  Deno.test({
    name: title,
    ignore: !isThere,
    fn: async () => await run(`FAULTS${++deployments}`, servers.open!),
  });
}

function open(
  server: NatsServer,
  { name, retention = KEEP_ALL, ...more }: {
    name: string;
    retention?: Retention;
    replicas?: number;
    onLost?: (reason: string) => void;
  },
): Promise<NatsStore> {
  const place = { servers: [server.address], tls: false };
  return NatsStore.open({ place, retention, name, onLost: fail, ...more });
}

test(
  "[L9] a log over NATS that is opened again has its past, and goes on",
  async (name, server) => {
    const retention = { ...KEEP_ALL, messages: 1 };
    const session = { ...alice, createdAt: 0, lastSeen: 0, acknowledged: 0 };
    let epoch = "";
    {
      await using store = await open(server, { name, retention });
      await store.log.append([tea("one", "k"), tea("two")]);
      await store.log.trim();
      await store.sessions.create(session, "secret");
      epoch = store.log.epoch;
    }

    await using store = await open(server, { name, retention });

    assertEquals(store.log.epoch, epoch);
    const page = await store.log.read(["room:tea"], 0, 10);
    assertEquals([texts(page), page.trimmed], [["two"], 1]);
    const [again] = await store.log.append([tea("one", "k")]);
    assertEquals([again?.repeated, again?.message.id, again?.message.text], [true, 1, "one"]);
    assertEquals((await store.log.append([tea("three")]))[0]?.message.id, 3);
    assert(await store.sessions.findByPrivateToken("secret"));
  },
);

test(
  "[F10] a follower gets every message once and in order, though the server is killed",
  async (name, server) => {
    await using left = await open(server, { name });
    await using right = await open(server, { name });
    const [seen, expected]: [string[], string[]] = [[], []];
    using _ = await right.log.follow(0, (messages) => seen.push(...texts({ messages })));
    let isOver = false;
    const sending = (async () => {
      for (let n = 0; !isOver; n++) {
        await appendAtLast(left, tea(`${n}`, `${n}`));
        expected.push(`${n}`);
      }
    })();

    for (let kills = 1; kills <= 2; kills++) {
      const { length } = expected;
      await eventually(() => expected.length >= length + 20, "messages are sent");
      await server.die();
      await server.rise();
    }
    const { length } = expected;
    await eventually(() => expected.length >= length + 20, "messages are sent again");
    isOver = true;
    await sending;
    await eventually(() => seen.length >= expected.length, "the follower has all");

    assertEquals(seen, expected);
    assertEquals(await right.log.newest(), expected.length);
  },
);

test(
  "[F11] without NATS, sends are refused, parked polls and polls of the window go on, and all resumes",
  async (name, server) => {
    const chat = await TestHub.open({}, await open(server, { name }));
    await using _ = chat;
    const alice = await chat.signIn("alice");
    const cursor = await chat.cursor(alice);
    await chat.say(alice, "room:tea", "one");
    const { cursor: newest } = await chat.poll(alice, { cursor });
    const parked = chat.poll(alice, { cursor: newest, tab: "desk" });

    await server.die();
    try {
      await eventually(() => chat.store.trouble !== undefined, "the trouble is told");
      const refused = await assertRejects(() => chat.say(alice, "room:tea", "in vain"), Refused);
      assertEquals([refused.refusal, refused.retryAfter], ["store_unavailable", 2_000]);
      await assertRejects(() => chat.hub.signIn("bob"), Refused);
      assertEquals(texts(await chat.poll(alice, { cursor })), ["one"]);
    } finally {
      await server.rise();
    }
    await eventually(() => chat.store.trouble === undefined, "the trouble is over");
    await chat.say(alice, "room:tea", "two");

    assertEquals(texts(await parked), ["two"]);
  },
);

test(
  "[F12] a stream with other settings is not used, and it is told what differs",
  async (name, server) => {
    const connection = await connect({ servers: server.address });
    const config = {
      name,
      subjects: [`${name.toLowerCase()}.log.>`],
      storage: "memory",
      max_msgs: 5,
    };
    await connection.request(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify(config));
    await connection.close();

    const unusable = await assertRejects(() => open(server, { name }), StoreUnusable);

    assertEquals(
      unusable.message,
      `Cannot open the store "${server.address}": the stream ${name} has other settings: ` +
        `description is null: it was not made by Halley; storage is "memory" instead of "file"; ` +
        `max_msgs is 5 instead of -1; allow_direct is false instead of true`,
    );
  },
);

test("[F12] what follows the settings is changed where they have changed", async (name, server) => {
  await (await open(server, { name }))[Symbol.asyncDispose]();

  await using store = await open(server, { name, retention: { ...KEEP_ALL, keyAge: 200 } });
  await store.log.append([tea("one", "k")]);

  await eventually(
    async () => (await store.log.append([tea("one", "k")]))[0]?.repeated === false,
    "the key is forgotten",
  );
});

test("[F12] more replicas than there are servers are refused", async (name, server) => {
  const unusable = await assertRejects(() => open(server, { name, replicas: 3 }), StoreUnusable);

  assert(unusable.message.includes("replicas > 1 not supported"), unusable.message);
});

test("[F12] who is not let in, or finds nobody, is told so at the start, and no password is shown", async () => {
  for (
    const [address, reason] of [
      [`nats://halley:WRONG-secret@${servers.locked!.address}`, "Authorization Violation"],
      [`nats://halley:WRONG-secret@127.0.0.1:1`, "connection refused"],
      [`nats://WRONG-secret@${servers.locked!.address}`, "Authorization Violation"],
    ] as const
  ) {
    await using halley = await ServerProcess.spawn({ settings: { STORE: address } });

    const { code } = await halley.ended();
    assertEquals([code, halley.said.includes("secret")], [1, false], halley.said);
    assert(halley.said.includes(reason), halley.said);
  }
});

test(
  "[F13] a log that was made anew has another epoch, and a node of the old one stops",
  async (name, server) => {
    const lost: string[] = [];
    await using old = await open(server, { name, onLost: (reason) => lost.push(reason) });
    const [first] = await old.log.append([tea("one")]);
    const connection = await connect({ servers: server.address });
    await connection.request(`$JS.API.STREAM.DELETE.${name}`);
    await connection.close();

    await using anew = await open(server, { name });

    await eventually(() => lost.length > 0, "the old node notices");
    assertEquals(lost[0], `The stream ${name} is another one now: its log was replaced`);
    assert(anew.log.epoch !== old.log.epoch);
    assertEquals((await anew.log.append([tea("one")]))[0]?.message.id, first?.message.id);
  },
);

/** As a client does that is refused: again and again, with the same key. */
async function appendAtLast(store: NatsStore, draft: Draft): Promise<void> {
  await eventually(async () => {
    try {
      await store.log.append([draft]);
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  }, "it is appended");
}

async function startIfThere(...more: readonly string[]): Promise<NatsServer | undefined> {
  return isThere ? await NatsServer.start(...more) : undefined;
}

function fail(reason: string): never {
  throw new Error(reason);
}
