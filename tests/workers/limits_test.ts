import { assertEquals, assertLessOrEqual } from "@std/assert";
import { later, monotonicNow } from "../../server/base/clock.ts";
import { readConfig } from "../../server/config/config.ts";
import type { Session } from "../../server/core/model/session.ts";
import { ClientBuckets } from "../../server/http/limits/client_buckets.ts";
import { Limits } from "../../server/http/limits/limits.ts";
import { TokenBucket } from "../../server/http/limits/token_bucket.ts";
import { Chat } from "../support/chat.ts";
import { requestsFrom, signIn } from "../support/requests_from.ts";

const HOME = "203.0.113.7";

/** The limits of two workers of one process. */
function openPair(settings: Record<string, string>): readonly [Limits, Limits] {
  const memory = ClientBuckets.allocate(SharedArrayBuffer);
  const { limits } = readConfig(settings);
  const events = { onLimited: () => {}, onUntrusted: () => {} };
  const deps = { ...events, memory };
  return [new Limits(limits, deps), new Limits(limits, deps)];
}

Deno.test("[Z3] an address that uses several workers has one quota", async () => {
  const [one, other] = openPair({ SIGN_INS_PER_ADDRESS: "5/3600s" });
  await using left = await Chat.open({ limits: one });
  await using right = await Chat.open({ limits: other });

  const statuses = [];
  for (let n = 0; n < 8; n++) {
    statuses.push((await signIn(requestsFrom(HOME), n % 2 === 0 ? left : right)).status);
  }

  assertEquals(statuses, [201, 201, 201, 201, 201, 429, 429, 429]);
});

Deno.test("[Z3] a session that uses several workers has one quota", async () => {
  const [one, other] = openPair({ SENDS_PER_SESSION: "6/3600s" });
  await using left = await Chat.open({ limits: one });
  const alice = await left.signIn("alice");
  const right = Chat.over(left.test, { limits: other });
  const users = [alice, right.user(alice)];

  const statuses = [];
  for (let n = 0; n < 9; n++) {
    statuses.push((await users[n % 2]?.say("room:tea", `${n}`))?.status);
  }

  assertEquals(statuses, [...Array(6).fill(201), ...Array(3).fill(429)]);
});

Deno.test("[Z3] a request whose address is just being refused at another worker is refused, too", () => {
  const [one, other] = openPair({ SENDS_PER_ADDRESS: "4/3600s" });
  const alice = sessionOf("alice");
  for (let n = 0; n < 4; n++) one.checkSession(requestFrom(HOME), alice, "sends");
  const accepted: unknown[] = [];
  // Reading the address is the moment between the two counts of a request.
  const meanwhile = requestFrom(HOME, () => {
    for (let n = 0; n < 3; n++) accepted.push(isAccepted(other, requestFrom(HOME), alice));
  });

  accepted.push(isAccepted(one, meanwhile, alice));

  assertEquals(accepted, Array(4).fill(false));
});

Deno.test("[Z3] two workers that charge an address for one batch charge it once", () => {
  const [one, other] = openPair({ SENDS_PER_ADDRESS: "8/3600s" });
  const alice = sessionOf("alice");
  const accepted: unknown[] = [];
  const meanwhile = requestFrom(HOME, () => {
    if (accepted.length === 0) accepted.push(isAccepted(other, requestFrom(HOME), alice));
  });

  accepted.push(isAccepted(one, meanwhile, alice));
  for (let n = 0; n < 8; n++) accepted.push(isAccepted(one, requestFrom(HOME), alice));

  assertEquals(accepted, [...Array(8).fill(true), false, false]);
});

Deno.test("[Z3] tokens that were given back can be taken again, however times are rounded", () => {
  const bucket = new TokenBucket({ quota: 8, window: 3_600 });
  const start = monotonicNow();
  const refused: number[] = [];

  for (let n = 0; n < 1_000; n++) {
    const now = later(start, n * 1_234.567_891);
    const fullAt = [4, 4, -4, 4].reduce((time, count) => bucket.take(time, now, count), now);
    if (bucket.waitTime(fullAt, now) > 0) refused.push(n);
  }

  assertEquals(refused, []);
});

function sessionOf(name: string): Session {
  const person = { publicToken: name, displayName: name };
  return { person, seenAt: monotonicNow() } as Session;
}

/** A request from an address; `onRead` is called when that is read. */
function requestFrom(hostname: string, onRead = () => {}) {
  const env = { remoteAddr: { transport: "tcp", hostname, port: 50_000 } };
  const headers = new Headers();
  return {
    env,
    get req() {
      onRead();
      return { raw: { headers } };
    },
  };
}

function isAccepted(
  limits: Limits,
  request: ReturnType<typeof requestFrom>,
  session: Session,
): boolean {
  try {
    limits.checkSession(request, session, "sends");
    return true;
  } catch {
    return false;
  }
}

/** Takes tokens of one client as fast as it can, until its time is over. */
const WORKER = `
  import { alignMonotonicClock, monotonicNow, msUntil } from "${new URL(
  "../../server/base/clock.ts",
  import.meta.url,
)}";
  import { ClientBuckets } from "${new URL(
  "../../server/http/limits/client_buckets.ts",
  import.meta.url,
)}";
  import { TokenBucket } from "${new URL(
  "../../server/http/limits/token_bucket.ts",
  import.meta.url,
)}";
  self.onmessage = ({ data: { memory, now, quota, end } }) => {
    alignMonotonicClock(now);
    const clients = new ClientBuckets(memory);
    const bucket = new TokenBucket({ quota, window: 3600 });
    let taken = 0;
    while (msUntil(end) > 0) {
      const place = clients.find("203.0.113.7");
      if (clients.take(place, "polls", { bucket, now: monotonicNow(), count: 1 }) === 0) taken++;
    }
    self.postMessage(taken);
  };
  self.postMessage("ready");
`;

Deno.test("[Z3] workers that take from a bucket at the same time take exactly what is in it", async () => {
  const memory = ClientBuckets.allocate(SharedArrayBuffer);
  const url = `data:application/typescript,${encodeURIComponent(WORKER)}`;
  const workers = [1, 2, 3].map(() => new Worker(url, { type: "module" }));
  const next = (worker: Worker) =>
    new Promise<unknown>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  await Promise.all(workers.map(next));
  const quota = 200_000;
  const results = workers.map(next);

  const now = monotonicNow();
  const end = later(now, 1_500);
  for (const worker of workers) worker.postMessage({ memory, now, quota, end });
  const taken = (await Promise.all(results)).map(Number);

  for (const worker of workers) worker.terminate();
  const total = taken.reduce((sum, count) => sum + count, 0);
  // Two seconds refill this many.
  const refilled = Math.ceil(quota / 3600 * 2);
  assertEquals(total >= quota, true, `${taken}`);
  assertLessOrEqual(total, quota + refilled, `${taken}`);
  assertEquals(taken.filter((count) => count > 0).length, 3, `${taken}`);
});
