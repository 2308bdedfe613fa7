import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import type {
  AdminOverview,
  LiveSessionsReply,
  MessageTrace,
} from "../../server/protocol/admin_replies.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { ServerProcess } from "../support/server_process.ts";
import { waitUntil } from "../support/wait_until.ts";

const KEY = "the-key-for-administering";

const SETTINGS = {
  STORE: "memory",
  WORKERS: "2",
  DRAIN_DELAY: "0",
  API_KEYS: `admin:admin+read+publish:${KEY}`,
};

/** With this many connections, the probability that one worker gets none is one in 32,768. */
const CONNECTIONS = 16;

/** Clients that have a connection each. */
function openClients(halley: ServerProcess, stack: DisposableStack): RemoteChat[] {
  return Array.from({ length: CONNECTIONS }, () => stack.use(new RemoteChat(halley.url)));
}

/** The same user on each of these connections. */
async function signIn(clients: readonly RemoteChat[], name: string): Promise<RemoteUser[]> {
  const user = await clients[0]!.signIn(name);
  return clients.map((client) => client.user(user));
}

async function metrics(client: RemoteChat): Promise<string> {
  return await (await client.request("GET", "/metrics")).text();
}

function valueOf(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

async function asAdmin<T>(halley: ServerProcess, path: string): Promise<T> {
  const response = await fetch(`${halley.url}${path}`, {
    headers: { authorization: `Bearer ${KEY}` },
  });
  return await response.json();
}

async function publishNotice(halley: ServerProcess): Promise<number> {
  const response = await fetch(`${halley.url}/api/publish`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ to: "everyone", text: "hello" }),
  });
  const { messages: [message] } = await response.json();
  return message.id;
}

/** Parks a poll for notices on each connection: in a room, people who come would wake the others. */
async function parkAll(
  clients: readonly RemoteChat[],
  users: readonly RemoteUser[],
): Promise<Promise<PollReply>[]> {
  const { cursor } = await users[0]!.poll({ tab: "0" });
  const replies = users.map((user, n) =>
    user.poll({ cursor, tab: `${n % 8}`, turn: 1, hold: 55_000 })
  );
  for (const reply of replies) reply.catch(() => {});
  await waitUntil(
    async () => await clients[0]!.parked() === users.length,
    "a poll is parked on each connection",
  );
  return replies;
}

Deno.test("[Z1] a message wakes the readers of all workers, and the metrics are summed at each", async () => {
  await using halley = await ServerProcess.start({ settings: SETTINGS });
  using stack = new DisposableStack();
  const clients = openClients(halley, stack);
  const users = await Promise.all(clients.map((client, n) => client.signIn(`user ${n}`)));
  const replies = await parkAll(clients, users);
  const text = await metrics(clients[0]!);
  const [first, second] = [1, 2].map((worker) =>
    valueOf(text, `halley_worker_parked_polls{worker="${worker}"}`)
  );

  await publishNotice(halley);

  const texts = (await Promise.all(replies)).map(({ messages }) => messages.map((one) => one.text));
  assertEquals(texts, Array(CONNECTIONS).fill(["hello"]));
  assert(first && second, `both workers hold polls: ${first} and ${second}`);
  assertEquals(first + second, CONNECTIONS);
  for (const client of clients) {
    const own = await metrics(client);
    assertEquals(valueOf(own, "halley_deliveries_total"), CONNECTIONS);
    assertEquals(valueOf(own, "halley_poll_hold_seconds_count"), CONNECTIONS + 1);
    assertEquals(valueOf(own, "halley_messages_total"), 1);
    assertEquals(valueOf(own, 'halley_worker_deliveries_total{worker="2"}'), second);
  }
  const { counts, parked } = await asAdmin<AdminOverview>(halley, "/api/admin/overview");
  assertEquals([counts.deliveries, counts.messages, parked], [CONNECTIONS, 1, 0]);
});

Deno.test("[Z2] a tab's newer polls end its older ones whichever worker has them", async () => {
  await using halley = await ServerProcess.start({ settings: SETTINGS });
  using stack = new DisposableStack();
  const clients = openClients(halley, stack);
  const users = await signIn(clients, "alice");
  const { cursor } = await users[0]!.poll({ channels: ["room:tea"] });

  const replies = [];
  for (const [n, user] of users.entries()) {
    replies.push(user.poll({ channels: ["room:tea"], cursor, tab: "t", turn: n + 1 }));
    if (n > 0) assertEquals((await replies[n - 1])?.reason, "superseded");
  }
  await users[0]!.say("room:tea", "hello");

  assertEquals((await replies.at(-1))?.outcome, "message");
});

Deno.test("[Z2] a session that is ended is ended at all workers, and told why", async () => {
  await using halley = await ServerProcess.start({ settings: SETTINGS });
  using stack = new DisposableStack();
  const clients = openClients(halley, stack);
  const users = (await signIn(clients, "alice")).slice(0, 8);
  const replies = await parkAll(clients, users);
  const { publicToken } = users[0]!;

  const kicked = await fetch(`${halley.url}/api/sessions/${publicToken}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${KEY}` },
  });

  assertEquals(kicked.status, 204);
  const reasons = (await Promise.all(replies)).map(({ reason }) => reason);
  assertEquals(reasons, Array(8).fill("kicked"));
  for (const user of users) {
    const refused = await user.request("GET", "/api/session");
    assertEquals([refused.status, (await refused.json()).code], [401, "kicked"]);
  }
});

Deno.test("[Z3] a client with many connections has one quota", async () => {
  const settings = { ...SETTINGS, TRUST_PROXY: "127.0.0.1", SENDS_PER_SESSION: "20/3600s" };
  await using halley = await ServerProcess.start({ settings });
  using stack = new DisposableStack();
  const users = await signIn(openClients(halley, stack), "alice");

  const sends = users.flatMap((user) => [1, 2, 3].map((n) => user.say("room:tea", `${n}`)));
  const statuses = (await Promise.all(sends)).map(({ status }) => status);

  assertEquals(statuses.filter((status) => status === 201).length, 20);
  assertEquals(statuses.filter((status) => status === 429).length, 3 * CONNECTIONS - 20);
  assertEquals(
    valueOf(
      await metrics(stack.use(new RemoteChat(halley.url))),
      'halley_limited_total{limit="sends-per-session"}',
    ),
    3 * CONNECTIONS - 20,
  );
});

Deno.test("[Z4] sessions and traces are about all workers, whichever is asked", async () => {
  await using halley = await ServerProcess.start({ settings: SETTINGS });
  using stack = new DisposableStack();
  const clients = openClients(halley, stack);
  const users = (await signIn(clients, "alice")).slice(0, 8);
  const replies = await parkAll(clients, users);
  const id = await publishNotice(halley);
  await Promise.all(replies);

  for (const client of clients) {
    const headers = { authorization: `Bearer ${KEY}` };
    const get = async (path: string) =>
      await (await fetch(`${client.url}${path}`, { headers: { ...headers, connection: "close" } }))
        .json();
    const { sessions }: LiveSessionsReply = await get("/api/admin/sessions");
    assertEquals(sessions.map(({ tabs }) => tabs.length), [8]);
    const { readers }: MessageTrace = await get(`/api/trace?message=${id}`);
    assertEquals(readers.map(({ verdict }) => verdict), Array(8).fill("answered"));
    const refused = await client.request("GET", "/api/admin/sessions");
    assertEquals(refused.status, 401);
  }
});

Deno.test("[Z4] a page of another site gets the same answers of every worker", async () => {
  const settings = { ...SETTINGS, ALLOWED_ORIGINS: "https://shop.example" };
  await using halley = await ServerProcess.start({ settings });
  const answers = new Set<string>();

  for (let n = 0; n < CONNECTIONS; n++) {
    const response = await fetch(`${halley.url}/api/admin/rooms`, {
      headers: {
        authorization: `Bearer ${KEY}`,
        origin: "https://shop.example",
        connection: "close",
      },
    });
    const headers = new Headers(response.headers);
    headers.delete("date");
    answers.add(JSON.stringify([response.status, [...headers], await response.json()]));
  }

  assertEquals(answers.size, 1, [...answers].join("\n"));
});

Deno.test("[Z5] when it stops, every worker says so at /ready, and answers its parked polls", async () => {
  await using halley = await ServerProcess.start({
    settings: { ...SETTINGS, DRAIN_DELAY: "1500" },
  });
  using stack = new DisposableStack();
  const clients = openClients(halley, stack);
  const users = await Promise.all(clients.map((client, n) => client.signIn(`user ${n}`)));
  const replies = await parkAll(clients, users);

  halley.kill("SIGTERM");
  const line = await halley.line(/"event":"draining"/);

  assertEquals(JSON.parse(line).parked, CONNECTIONS);
  for (const client of clients) assertEquals((await client.request("GET", "/ready")).status, 503);
  for (const { outcome, retryAfter } of await Promise.all(replies)) {
    assertEquals(outcome, "timedout");
    assertGreaterOrEqual(retryAfter, 1_000);
  }
  assertEquals((await halley.ended()).code, 0);
});

Deno.test("[Z6] messages that any worker has acknowledged survive kill -9", async () => {
  await using first = await ServerProcess.start({
    settings: { ...SETTINGS, STORE: "sqlite:a.db" },
  });
  using stack = new DisposableStack();
  const users = await signIn(openClients(first, stack), "alice");
  const acknowledged: number[] = [];
  const sending = users.map(async (user, n) => {
    for (let m = 0; m < 1_000; m++) {
      const response = await user.say("room:tea", `${n}.${m}`);
      if (response.status === 201) acknowledged.push((await response.json()).id);
    }
  });
  await waitUntil(() => acknowledged.length > 50, "some messages are acknowledged");

  first.kill("SIGKILL");
  await Promise.allSettled(sending);

  await first.ended();
  await using second = await ServerProcess.start({
    settings: { ...SETTINGS, STORE: `sqlite:${first.folder}/a.db` },
  });
  using chat = new RemoteChat(second.url);
  const alice = chat.user(users[0]!);
  const page = await alice.request("GET", "/api/channels/room:tea/messages?limit=100");
  const { messages } = await page.json();
  const ids: number[] = messages.map(({ id }: { id: number }) => id);
  const newest = acknowledged.toSorted((one, other) => other - one).slice(0, 50);
  assertEquals(newest.filter((id) => !ids.includes(id)), []);
});

Deno.test("[Z8] log lines say which worker writes them", async () => {
  await using halley = await ServerProcess.start({
    settings: { ...SETTINGS, LOG_LEVEL: "debug" },
  });
  using stack = new DisposableStack();
  for (const client of openClients(halley, stack)) await client.request("GET", "/live");

  for (const worker of [1, 2]) {
    await halley.line(new RegExp(`"event":"request","worker":${worker},.*"route":"/live"`));
  }
});
