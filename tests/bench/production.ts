/**
 * `deno task production`: runs a server as it would run in production, for ten minutes with 2,000 sessions, reads its
 * metrics meanwhile, and draws what they said.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type Chart, drawCharts } from "./production/chart.ts";
import { growth, quantile, type Scrape, scrape, valueOf } from "./production/scrape.ts";
import { type Venue, Visitor } from "./production/visitor.ts";
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

/** People in a room, beside the lobby, where everybody is. */
const ROOM = 20;
/** Messages a second to rooms, to single people and to the lobby; and people who go, and are replaced by others. */
const RATE = { rooms: 20, direct: 5, lobby: 0.2, churn: 2 } as const;
/** Metrics are read so often (ms). */
const INTERVAL = 10_000;

const FAMILIES: Record<string, string> = {
  "From append to reply": "halley_delivery_seconds",
  "From append to acknowledgement": "halley_acknowledgement_seconds",
  "Store, append": 'halley_store_seconds{operation="append"}',
  "Event loop late": "halley_event_loop_lag_seconds",
  "Hold of polls": "halley_poll_hold_seconds",
};

const troubles = new Map<string, number>();
const server = await startServer("halley", { LIMITS: "on" });
const venue: Venue = {
  url: `http://127.0.0.1:${server.port}`,
  client: Deno.createHttpClient({ poolMaxIdlePerHost: sessions }),
  onTrouble: (what) => troubles.set(what, (troubles.get(what) ?? 0) + 1),
};

let people: Visitor[] = [];
try {
  people = await gather();
  report(await live());
} finally {
  for (const visitor of people) visitor[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
}
Deno.exit(0);

async function gather(): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  while (visitors.length < sessions) {
    const group = Array.from(
      { length: Math.min(50, sessions - visitors.length) },
      (_, n) => newcomer(visitors.length + n),
    );
    visitors.push(...await Promise.all(group));
  }
  console.log(`${visitors.length} people are there`);
  return visitors;
}

function newcomer(n: number): Promise<Visitor> {
  return Visitor.come(venue, `person ${n}`, [`room:r${Math.floor(n / ROOM)}`, "room:lobby"]);
}

/** Lets them talk, come and go, and reads the metrics. */
async function live(): Promise<Scrape[]> {
  const some = () => people[Math.floor(Math.random() * people.length)];
  const timers = [
    every(RATE.rooms, () => some()?.sayInRoom()),
    every(RATE.lobby, () => some()?.say("room:lobby")),
    every(RATE.direct, () => some()?.say(`direct:${some()?.publicToken}`)),
    every(RATE.churn, async () => {
      const n = Math.floor(Math.random() * people.length);
      const [old, next] = [people[n], await newcomer(n)];
      people[n] = next;
      await old?.leave();
    }),
  ];
  const found = [await scrape(venue.url)];
  const end = Date.now() + minutes * 60_000;
  while (Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    found.push(await scrape(venue.url));
    console.log(
      `${found.length - 1}`.padStart(3),
      summary(found.at(-2) ?? new Map(), found.at(-1)),
    );
  }
  for (const timer of timers) clearInterval(timer);
  return found;
}

function every(rate: number, act: () => Promise<void> | undefined) {
  const trouble = (error: unknown) => venue.onTrouble(String(error));
  return setInterval(() => act()?.catch(trouble), 1_000 / rate);
}

function summary(before: Scrape, after: Scrape = new Map()): string {
  const rss = Math.round(valueOf(after, "process_resident_memory_bytes") / 1e6);
  const [p50, p99] = [0.5, 0.99].map((q) => quantile(before, after, "halley_delivery_seconds", q));
  const deliveries = growth(before, after, "halley_deliveries_total");
  return `${rss} MB, ${valueOf(after, "halley_parked_polls")} parked, ${deliveries} deliveries, ` +
    `p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms`;
}

function report(found: readonly Scrape[]): void {
  const steps = found.slice(1).map((after, n) => [found[n] ?? after, after] as const);
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
    { title: "Event loop late", unit: "ms", lines: over("halley_event_loop_lag_seconds") },
    { title: "Hold of polls", unit: "ms", lines: over("halley_poll_hold_seconds") },
  ];
  Deno.writeTextFileSync(options.svg, drawCharts(charts, minutes));
  const [first, last] = [found[0] ?? new Map(), found.at(-1) ?? new Map()];
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
  console.log("troubles", Object.fromEntries(troubles));
}
