/**
 * `deno task production`: runs a server as in production, for ten minutes with 2,000 sessions, reads its metrics, and draws
 * charts of them.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { fromNow, hasPassed } from "../../server/base/clock.ts";
import { delay } from "../../server/base/delay.ts";
import { type Chart, drawCharts } from "./production/chart.ts";
import { growth, quantile, type Scrape, scrape, valueOf } from "./production/scrape.ts";
import { type Server, User } from "./production/user.ts";
import { startServer } from "./servers.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    minutes: { type: "string", default: "10" },
    sessions: { type: "string", default: "2000" },
    svg: { type: "string", default: "production.svg" },
  },
});
const minutes = Number(options.minutes);
const sessions = Number(options.sessions);

/** Number of users per room. All users are also in the lobby. */
const ROOM_SIZE = 20;
/** Per second: messages to rooms, to single users and to the lobby, and users who leave and are replaced by new ones. */
const RATE = { rooms: 20, direct: 5, lobby: 0.2, churn: 2 } as const;
/** How often metrics are read, in ms. */
const INTERVAL = 10_000;

const FAMILIES: Record<string, string> = {
  "From append to reply": "halley_delivery_seconds",
  "From append to acknowledgement": "halley_acknowledgement_seconds",
  "Store, append": 'halley_store_seconds{operation="append"}',
  "Event loop lag": "halley_event_loop_lag_seconds",
  "Hold of polls": "halley_poll_hold_seconds",
};

const errors = new Map<string, number>();
const running = await startServer("halley", { LIMITS: "on" });
const server: Server = {
  url: `http://127.0.0.1:${running.port}`,
  client: Deno.createHttpClient({ poolMaxIdlePerHost: sessions }),
  onError: (description) => errors.set(description, (errors.get(description) ?? 0) + 1),
};

let users: User[] = [];
try {
  users = await signInAll();
  report(await run());
} finally {
  for (const user of users) user[Symbol.dispose]();
  await running[Symbol.asyncDispose]();
}
Deno.exit(0);

async function signInAll(): Promise<User[]> {
  const users: User[] = [];
  while (users.length < sessions) {
    const group = Array.from(
      { length: Math.min(50, sessions - users.length) },
      (_, n) => signIn(users.length + n),
    );
    users.push(...await Promise.all(group));
  }
  console.log(`${users.length} users have signed in`);
  return users;
}

function signIn(n: number): Promise<User> {
  return User.signIn(server, `user ${n}`, [`room:r${Math.floor(n / ROOM_SIZE)}`, "room:lobby"]);
}

/** Lets users send messages, leave and sign in, and reads the metrics. */
async function run(): Promise<Scrape[]> {
  const anyone = () => users[Math.floor(Math.random() * users.length)];
  const timers = [
    every(RATE.rooms, () => anyone()?.sayInRoom()),
    every(RATE.lobby, () => anyone()?.say("room:lobby")),
    every(RATE.direct, () => anyone()?.say(`direct:${anyone()?.publicToken}`)),
    every(RATE.churn, async () => {
      const n = Math.floor(Math.random() * users.length);
      const [old, next] = [users[n], await signIn(n)];
      users[n] = next;
      await old?.signOut();
    }),
  ];
  const scrapes = [await scrape(server.url)];
  const end = fromNow(minutes * 60_000);
  while (!hasPassed(end)) {
    await delay(INTERVAL);
    scrapes.push(await scrape(server.url));
    console.log(
      `${scrapes.length - 1}`.padStart(3),
      summary(scrapes.at(-2) ?? new Map(), scrapes.at(-1)),
    );
  }
  for (const timer of timers) clearInterval(timer);
  return scrapes;
}

function every(rate: number, act: () => Promise<void> | undefined) {
  const onError = (error: unknown) => server.onError(String(error));
  return setInterval(() => act()?.catch(onError), 1_000 / rate);
}

function summary(before: Scrape, after: Scrape = new Map()): string {
  const rss = Math.round(valueOf(after, "process_resident_memory_bytes") / 1e6);
  const [p50, p99] = [0.5, 0.99].map((q) => quantile(before, after, "halley_delivery_seconds", q));
  const deliveries = growth(before, after, "halley_deliveries_total");
  return `${rss} MB, ${valueOf(after, "halley_parked_polls")} parked, ${deliveries} deliveries, ` +
    `p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms`;
}

function report(scrapes: readonly Scrape[]): void {
  const steps = scrapes.slice(1).map((after, n) => [scrapes[n] ?? after, after] as const);
  const over = (name: string): Chart["lines"] =>
    [0.5, 0.9, 0.99].map((q) => ({
      name: `p${q * 100}`,
      values: steps.map(([before, after]) => quantile(before, after, name, q)),
    }));
  const memory = (name: string, title: string) => ({
    name: title,
    values: steps.map(([, after]) => valueOf(after, name) / 1e6),
  });
  const charts: Chart[] = [
    {
      title: "Memory",
      unit: "MB",
      lines: [
        memory("process_resident_memory_bytes", "resident"),
        memory("halley_heap_used_bytes", "heap"),
      ],
    },
    { title: "From append to reply", unit: "ms", lines: over("halley_delivery_seconds") },
    {
      title: "From append to acknowledgement",
      unit: "ms",
      lines: over("halley_acknowledgement_seconds"),
    },
    { title: "Store, append", unit: "ms", lines: over('halley_store_seconds{operation="append"}') },
    { title: "Event loop lag", unit: "ms", lines: over("halley_event_loop_lag_seconds") },
    { title: "Hold of polls", unit: "ms", lines: over("halley_poll_hold_seconds") },
  ];
  Deno.writeTextFileSync(options.svg, drawCharts(charts, minutes));
  const [first, last] = [scrapes[0] ?? new Map(), scrapes.at(-1) ?? new Map()];
  for (const { title, unit, lines } of charts.slice(1)) {
    const name = FAMILIES[title] ?? "";
    const whole = [0.5, 0.9, 0.99].map((q) => quantile(first, last, name, q).toFixed(1));
    console.log(
      `${title}: p50 ${whole[0]}, p90 ${whole[1]}, p99 ${whole[2]} ${unit}; ${lines.length} lines`,
    );
  }
  const cpu = growth(first, last, "process_cpu_seconds_total") / (minutes * 60);
  console.log(`CPU ${(100 * cpu).toFixed(1)} %`);
  const names = [
    "messages_total",
    "deliveries_total",
    'polls_total{outcome="message"}',
    'polls_total{outcome="timedout"}',
    "polls_abandoned_total",
    "gaps_total",
  ];
  for (const name of names) console.log(name, growth(first, last, `halley_${name}`));
  console.log("errors", Object.fromEntries(errors));
}
