import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { delay } from "../../server/base/delay.ts";
import type { RemoteUser } from "../support/remote_chat.ts";
import { NodeProcesses } from "./node_processes.ts";
import { isInstalled, Proxied, type Upstreams } from "./proxied.ts";
import { PROXIES } from "./proxies.ts";
import { outcomeOf, request, write } from "./raw_request.ts";

/** How often each attack is repeated. */
const ROUNDS = 10;

/**
 * What one guest sends again and again, and the statuses that are right: of Halley, or of the proxy itself.
 * Without statuses, the guest leaves before the answer.
 */
interface Attack {
  readonly statuses: readonly number[];
  readonly text: (mallory: RemoteUser) => string;
}

const head = (line: string, ...headers: readonly string[]) =>
  [line, "host: 127.0.0.1", ...headers, "", ""].join("\r\n");

const post = (path: string, body: unknown) => (mallory: RemoteUser) =>
  request("POST", path, typeof body === "string" ? body : JSON.stringify(body), mallory);

const ATTACKS: Readonly<Record<string, Attack>> = {
  "a flood of messages": {
    statuses: [201, 429],
    text: post("/api/messages", { channel: "room:milk", text: "x" }),
  },
  "a notice": { statuses: [403], text: post("/api/messages", { channel: "notice", text: "x" }) },
  "a channel that does not exist": {
    statuses: [422],
    text: post("/api/messages", { channel: "tea", text: "x" }),
  },
  "a recipient that does not exist": {
    statuses: [404],
    text: post("/api/messages", { channel: "direct:nobody_nobody_16", text: "x" }),
  },
  "a key for another message": {
    statuses: [201, 409, 429],
    text: (mallory) =>
      post("/api/messages", { channel: "room:milk", text: crypto.randomUUID(), key: "k" })(mallory),
  },
  "a text that is too long": {
    statuses: [413],
    text: post("/api/messages", { channel: "room:milk", text: "x".repeat(40_000) }),
  },
  "a body of 900 kB": {
    statuses: [413],
    text: post("/api/messages", { channel: "room:milk", text: "x".repeat(900_000) }),
  },
  "a poll of 900 kB": { statuses: [413], text: post("/api/poll", { cursor: "x".repeat(900_000) }) },
  "a body of 2 MB": {
    statuses: [413, 502],
    text: post("/api/sessions", { displayName: "x".repeat(2_000_000) }),
  },
  "a wrong token": {
    statuses: [401],
    text: () => head("GET /api/rooms HTTP/1.1", "authorization: Bearer wrong"),
  },
  "a path that does not exist": { statuses: [404], text: () => head("GET /api/nothing HTTP/1.1") },
  "another method": { statuses: [404, 405], text: () => head("DELETE /api/poll HTTP/1.1") },
  "another type": {
    statuses: [415],
    text: (mallory) => post("/api/messages", {})(mallory).replace("application/json", "text/plain"),
  },
  "JSON that ends too early": { statuses: [400, 422], text: post("/api/messages", '{"channel":') },
  "bytes that are not JSON": { statuses: [400, 422], text: post("/api/poll", "\u0000\u0001") },
  "a name that is too long": {
    statuses: [422, 413],
    text: post("/api/sessions", { displayName: "x".repeat(500) }),
  },
  "a header of 7 kB": {
    statuses: [200, 401, 431],
    text: () => head("GET /api/rooms HTTP/1.1", `x-long: ${"x".repeat(7_000)}`),
  },
  "a header of 14 kB": {
    statuses: [200, 400, 401, 431],
    text: () =>
      head("GET /api/rooms HTTP/1.1", ...[1, 2].map((n) => `x-long${n}: ${"x".repeat(7_000)}`)),
  },
  "an address of 7 kB": {
    statuses: [400, 401, 404, 414],
    text: () => head(`GET /api/rooms?${"x".repeat(7_000)} HTTP/1.1`),
  },
  "an address that cannot be decoded": {
    statuses: [400, 401, 404, 422],
    text: () => head("GET /api/channels/%ff/messages HTTP/1.1"),
  },
  "a GET with a body": {
    statuses: [401],
    text: () => head("GET /api/rooms HTTP/1.1", "content-length: 5") + "hello",
  },
  "an upgrade": {
    statuses: [400, 401],
    text: () => head("GET /api/rooms HTTP/1.1", "connection: upgrade", "upgrade: websocket"),
  },
  "an encoding that is not known": {
    statuses: [415, 422, 400],
    text: (mallory) =>
      post("/api/messages", {})(mallory).replace(
        "content-type",
        "content-encoding: br\r\ncontent-type",
      ),
  },
  "a host with a path": {
    statuses: [400, 403, 404],
    text: () => "GET /api/rooms HTTP/1.1\r\nhost: 127.0.0.1/metrics?\r\n\r\n",
  },
  "a body that ends too early": {
    statuses: [],
    text: () =>
      head("POST /api/sessions HTTP/1.1", "content-type: application/json", "content-length: 99") +
      "{",
  },
  "a body of 2 MB that ends too early": {
    statuses: [],
    text: (mallory) => post("/api/sessions", "x".repeat(2_000_000))(mallory).slice(0, 1_500_000),
  },
  "a poll that is left": {
    statuses: [],
    text: post("/api/poll", { channels: ["room:milk"], hold: 55_000 }),
  },
};

/** Maximum number of messages of one session in the tests, so that a guest exceeds it soon. */
const SETTINGS = { LIMITS: "on", TRUST_PROXY: "127.0.0.1", SENDS_PER_SESSION: "4/60s" };

const cases = PROXIES.map((proxy) => ({
  proxy,
  name: proxy.name,
  test: isInstalled(proxy.name, proxy.program) ? Deno.test : Deno.test.ignore,
}));

for (const { proxy, name, test } of cases) {
  test(`[O68] behind ${name} what one client is refused keeps nobody else from a node`, async () => {
    await using proxied = await Proxied.start(proxy, await NodeProcesses.start(SETTINGS));
    const { chat } = proxied;
    const faults: string[] = [];

    for (const [attack, { statuses, text }] of Object.entries(ATTACKS)) {
      const [bob, mallory] = [await chat.signIn("bob"), await chat.signIn("mallory")];
      for (let round = 0; round < ROUNDS; round++) {
        const line = await send(proxied, text(mallory), statuses.length > 0);
        if (
          line !== undefined && ![...statuses, 429].some((status) => line.includes(` ${status} `))
        ) {
          faults.push(`${attack}: mallory got ${line}`);
        }
        const isSent = round % 5 === 4;
        const answers = [
          bob.request("GET", "/api/rooms"),
          ...(isSent ? [bob.say("room:tea", "hello")] : []),
        ];
        for (const response of await Promise.all(answers)) {
          if (response.status > 201) {
            faults.push(`${attack}: bob got ${response.status}`);
          }
        }
      }
    }

    assertEquals([...new Set(faults)], []);
  });

  test(`[O68] behind ${name} a store that cannot write takes no node out`, async () => {
    await using proxied = await Proxied.start(proxy, await NodeProcesses.start());
    const [bob, carol] = [await proxied.chat.signIn("bob"), await proxied.chat.signIn("carol")];
    await bob.say("room:tea", "before");
    const statuses = new Set<number>();

    {
      using database = new DatabaseSync(proxied.nodes.path);
      database.exec("BEGIN IMMEDIATE");
      const refused = [bob, carol].map((user) => user.say("room:tea", "meanwhile"));
      for (let n = 0; n < 20; n++) {
        statuses.add((await carol.request("GET", "/api/rooms")).status);
        await delay(300);
      }
      assertEquals((await Promise.all(refused)).map(({ status }) => status), [500, 500]);
    }

    for (let n = 0; n < 8; n++) statuses.add((await bob.say("room:tea", "after")).status);
    assertEquals([...statuses], [200, 201]);
  });
}

/** Sends a request over a new connection; returns the first line of the answer, or closes the connection at once. */
async function send(
  proxied: Proxied<Upstreams>,
  text: string,
  awaitsAnswer: boolean,
): Promise<string | undefined> {
  using stack = new DisposableStack();
  if (awaitsAnswer) return await outcomeOf(proxied, text, stack);
  const connection = await proxied.connect();
  stack.defer(() => connection.close());
  // The proxy may close first.
  await write(connection, text).catch(() => {});
  return undefined;
}
