import { deadline } from "../../server/base/deadline.ts";
import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { ServerProcess } from "../support/server_process.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { waitUntil } from "../support/wait_until.ts";
import { connectTo, metricOf, readStatus, residentMegabytes, write } from "./raw_connection.ts";

/** How long (ms) to wait for a response: generous, for a busy machine. */
const TIMEOUT = 30_000;

/** Memory (MB) that may not have been garbage-collected yet. */
const SLACK = 120;

const KEY = "the-key-for-publishing-";

function start(settings: Record<string, string> = {}): Promise<ServerProcess> {
  return ServerProcess.start({
    settings: {
      STORE: "memory",
      TRUST_PROXY: "127.0.0.1",
      API_KEYS: `shop:publish:${KEY}`,
      ...settings,
    },
  });
}

/** Sends a POST from the address 203.0.113.7. Returns the status. */
async function post(
  url: string,
  path: string,
  { body, token = "", more = {} }: {
    body: BodyInit;
    token?: string;
    more?: Record<string, string>;
  },
): Promise<number> {
  const response = await fetch(`${url}/api/${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-forwarded-for": "203.0.113.7",
      "authorization": `Bearer ${token}`,
      ...more,
    },
    body,
  });
  await response.body?.cancel();
  return response.status;
}

/** Counts equal statuses. */
function counts(statuses: readonly number[]): Record<number, number> {
  const found: Record<number, number> = {};
  for (const status of statuses) found[status] = (found[status] ?? 0) + 1;
  return found;
}

async function expectServed(halley: ServerProcess): Promise<void> {
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  assertEquals((await alice.say("room:tea", "still there?")).status, 201);
}

Deno.test("[Y12] a body of a gigabyte is rejected, by its content-length or once it is too long", async () => {
  await using halley = await start();
  const before = await residentMegabytes(halley.url);
  const head = (more: string) =>
    "POST /api/sessions HTTP/1.1\r\nhost: halley\r\ncontent-type: application/json\r\n" +
    `${more}\r\n\r\n`;

  using sized = await connectTo(halley.url);
  await write(sized, head("content-length: 1000000000") + "x".repeat(1_000));
  assertEquals(await deadline(readStatus(sized), TIMEOUT), 413);
  using chunked = await connectTo(halley.url);
  const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
  const writing = write(chunked, head("transfer-encoding: chunked") + chunk.repeat(400));
  assertEquals(await deadline(readStatus(chunked), TIMEOUT), 413);
  chunked.close();
  await writing;

  assert(await residentMegabytes(halley.url) < before + SLACK);
  await expectServed(halley);
});

Deno.test("[Y12] JSON with a hundred thousand nested arrays is rejected by every route", async () => {
  await using halley = await start();
  using chat = new RemoteChat(halley.url);
  const { privateToken: token } = await chat.signIn("alice");
  const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

  for (const path of ["messages", "poll", "signals", "sessions"]) {
    const body = `{"channel":"room:tea","data":${deep(30_000)}}`;
    assertEquals([path, await post(halley.url, path, { body, token })], [path, 422]);
  }
  const body = `{"to":"everyone","data":${deep(500_000)}}`;
  assertEquals(await post(halley.url, "publish", { body, token: KEY }), 422);
  assertEquals(await post(halley.url, "publish", { body: deep(500_000), token: KEY }), 422);
  await expectServed(halley);
});

Deno.test("[Y12] a compressed body is not decompressed", async () => {
  await using halley = await start();
  const before = await residentMegabytes(halley.url);
  const bomb = new Uint8Array(gzipSync(new Uint8Array(50_000_000)));
  assert(bomb.length < 60_000);

  for (const coding of ["gzip", "deflate", "br"]) {
    const more = { "content-encoding": coding };
    assertEquals(await post(halley.url, "sessions", { body: bomb, more }), 422);
  }

  assert(await residentMegabytes(halley.url) < before + 50 + SLACK);
  await expectServed(halley);
});

Deno.test("[Y13] the number of parked polls of one address is limited, and other clients are served", async () => {
  await using halley = await start({ PARKED_POLLS_PER_ADDRESS: "100" });
  using chat = new RemoteChat(halley.url);
  const users = await Promise.all(
    Array.from({ length: 40 }, (_, n) => chat.signIn(`user ${n}`)),
  );
  const cursor = (await users[0]?.poll())?.cursor;
  const abort = new AbortController();
  const polls = users.flatMap(({ privateToken }) =>
    Array.from({ length: 8 }, (_, tab) =>
      fetch(`${halley.url}/api/poll`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-forwarded-for": "203.0.113.7",
          "authorization": `Bearer ${privateToken}`,
        },
        body: JSON.stringify({ cursor, tab: String(tab) }),
        signal: abort.signal,
      }).then(async (response) => {
        await response.body?.cancel();
        return response.status;
      }, () => 0))
  );

  await waitUntil(
    async () => await metricOf(halley.url, "halley_parked_polls") === 100,
    "a hundred polls are parked",
  );
  await expectServed(halley);
  await waitUntil(async () =>
    await metricOf(
      halley.url,
      'halley_refusals_total{code="too_many_requests"}',
    ) === 220, "the others are rejected");

  abort.abort();
  assertEquals(counts(await Promise.all(polls)), { 0: 100, 429: 220 });
});

Deno.test("[Y13] the number of sign-ins from one address is limited", async () => {
  await using halley = await start({ SIGN_INS_PER_ADDRESS: "50/3600s", INTERVAL_TIME: "100" });
  const body = '{"displayName":"mallory"}';

  const statuses: number[] = [];
  for (let n = 0; n < 20; n++) {
    const batch = Array.from({ length: 50 }, () => post(halley.url, "sessions", { body }));
    statuses.push(...await Promise.all(batch));
  }

  assertEquals(counts(statuses), { 201: 50, 429: 950 });
  await waitUntil(
    async () => await metricOf(halley.url, "halley_sessions") === 50,
    "50 sessions are stored",
  );
  await expectServed(halley);
});

Deno.test("[Y13] the number of open rooms is limited, and messages to other rooms do not occupy memory forever", async () => {
  await using halley = await start({ ROOMS: "2000", WINDOW_BYTES: "65536" });
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  let refused = 0;

  for (let n = 0; n < 40; n++) {
    const channels = Array.from({ length: 256 }, (_, m) => `room:${n}-${m}`);
    const response = await alice.request("POST", "/api/poll", { channels, tab: `${n % 8}` });
    if (response.ok) refused += (await response.json()).refused?.length ?? 0;
    await alice.say(`room:never-${n}`, "x".repeat(8_000));
  }

  assert(refused > 0);
  assert(await metricOf(halley.url, "halley_rooms_read") <= 2_000);
  assert(await metricOf(halley.url, "halley_window_bytes") <= 65_536);
  await expectServed(halley);
});
