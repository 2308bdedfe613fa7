/**
 * Measures the search in a SQLite file with a million messages: the time to the first result and to a page, the longest time
 * that it keeps others waiting, the size of the index, and what the index costs sends.
 *
 * @module
 */

import { join } from "node:path";
import { cpuUsage } from "node:process";
import { DatabaseSync } from "node:sqlite";
import { type Platform, Runtime, SYSTEM_RUNTIME } from "../../server/base/runtime.ts";
import { ALL_ROOMS, phrasesOf } from "../../server/core/log/search_query.ts";
import type { Draft } from "../../server/core/model/message.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { median } from "./metrics.ts";
import { formatNumber } from "./table.ts";

const COUNT = 1_000_000;
const BATCH = 500;
const PAGE = 50;

/** Pairs of runs with the index and without, and the sends of each. */
const PAIRS = 5;
const SENDS = 20_000;
const SENDERS = 64;

/** What is searched for, and how often it is measured. */
const QUERIES: readonly [what: string, query: string][] = [
  ["a word of each second message", "the"],
  ["a word of three old messages", "zanzibar"],
  ["a word that no message has", "nowhere"],
  ["two common words", "the w1"],
  ["the beginning of many words", "w1"],
  ["two Chinese characters", "东京"],
  ["one Chinese character", "茶"],
  ["Japanese", "お茶を"],
  ["an emoji", "🎉"],
  ["an address", "person7@example.com"],
  ["a phrase", '"on the table"'],
];
const ROUNDS = 5;

export async function measureSearch(): Promise<void> {
  using files = TestFolder.make();
  const path = join(files.path, "bench.db");
  await using store = SqliteStore.open(path, KEEP_ALL);
  console.log(`Appends ${formatNumber(COUNT)} messages of about ten words, and indexes them …`);
  const start = performance.now();
  await fill(store);
  const appended = performance.now();
  const lag = (await store.log.search.state()).waiting;
  await isIndexed(store);
  const indexed = performance.now();
  const seconds = (ms: number) => (ms / 1_000).toFixed(0);
  console.log(
    `Appended in ${seconds(appended - start)} s; ${formatNumber(lag)} messages waited then, ` +
      `and were in the index ${seconds(indexed - appended)} s later.\n`,
  );
  measureQueries(store);
  reportSize(path);
  await measureSends();
}

async function fill(store: SqliteStore): Promise<void> {
  for (let n = 0; n < COUNT; n += BATCH) {
    await store.log.append(Array.from({ length: BATCH }, (_, m) => draftOf(n + m)));
  }
}

/** A message whose words are as frequent as in a language: few are in many, and most in few. */
function draftOf(n: number): Draft {
  const from = { publicToken: `person${n % 97}`.padEnd(16, "_"), displayName: `person ${n % 97}` };
  return { channel: `room:room-${n % 31}`, from, text: textOf(n) };
}

function textOf(n: number): string {
  if (n === 1_000 || n === 50_000 || n === 100_000) return "a letter from zanzibar has arrived";
  if (n % 50 === 1) return `去东京吃饭，喝绿茶，第${n}次`;
  if (n % 50 === 2) return `東京でお茶を飲みましょう ${n}`;
  if (n % 100 === 3) return `w${n % 5_000} well done 🎉👍🏽`;
  if (n % 100 === 4) return `write to person${n % 997}@example.com about w${n % 4_000}`;
  const words = Array.from({ length: 8 }, (_, k) => {
    // Of 20,000 words, the first ones are the most frequent.
    const share = ((n * 8 + k) * 0.618_033_988_7) % 1;
    return `w${Math.floor(20_000 ** share)}`;
  });
  return n % 2 === 0 ? `${words.join(" ")} on the table` : `${words.join(" ")} under a chair`;
}

/** Resolves when fewer messages wait than are added together. */
async function isIndexed(store: SqliteStore): Promise<void> {
  while ((await store.log.search.state()).waiting >= BATCH) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function measureQueries(store: SqliteStore): void {
  const head = ["searched for", "first ms", "page ms", "portions", "longest portion ms"];
  console.log(head.join(" | "));
  for (const [what, query] of QUERIES) {
    const runs = Array.from({ length: ROUNDS }, () => search(store, query));
    const of = (name: keyof typeof runs[number]) => median(runs.map((run) => run[name])).toFixed(1);
    console.log([what, of("first"), of("page"), of("portions"), of("longest")].join(" | "));
  }
}

/** Searches for a page of messages. Times in ms. */
function search({ log }: SqliteStore, query: string) {
  const terms = { phrases: phrasesOf(query), places: [ALL_ROOMS], after: 0 };
  const start = performance.now();
  let [first, longest, portions, found] = [NaN, 0, 0, 0];
  for (let before: number | undefined = Infinity; before !== undefined && found < PAGE;) {
    const begin = performance.now();
    const portion = log.search.findStored(terms, before, 100);
    const end = performance.now();
    portions++;
    longest = Math.max(longest, end - begin);
    found += portion.messages.length;
    if (found > 0 && Number.isNaN(first)) first = end - start;
    before = portion.before;
  }
  return { first, page: performance.now() - start, portions, longest };
}

function reportSize(path: string): void {
  using database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare(
    "SELECT name FROM sqlite_schema WHERE name GLOB 'words_*_data' OR name GLOB 'words_*_idx'",
  ).all();
  const index = tables.reduce((sum, { name }) => {
    const column = String(name).endsWith("_data") ? "block" : "term";
    const row = database.prepare(`SELECT sum(octet_length(${column})) AS bytes FROM ${name}`).get();
    return sum + Number(row?.bytes);
  }, 0);
  const file = database.prepare(
    "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
  ).get();
  const each = (bytes: number) => `${(bytes / COUNT).toFixed(0)} bytes for each message`;
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  const all = Number(file?.bytes);
  console.log(
    `\nIndex: ${megabytes(index)}, ${each(index)}; the file: ${megabytes(all)}, ${each(all)}\n`,
  );
}

/** Compares the CPU time of sends, with all that they cause, with that of a store that never adds words to its index. */
async function measureSends(): Promise<void> {
  const pairs: (readonly [number, number])[] = [];
  for (let n = 0; n < PAIRS; n++) {
    // In turns, because the speed of the machine changes.
    const first = await cpuPerSend(n % 2 === 0);
    const second = await cpuPerSend(n % 2 !== 0);
    pairs.push(n % 2 === 0 ? [first, second] : [second, first]);
  }
  const [withIndex, without] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
  const differences = pairs.map(([one, other]) => one - other);
  const list = (all: readonly number[]) => all.map((us) => us.toFixed(1)).join(" ");
  console.log(
    `CPU time of a send in memory, of ${formatNumber(SENDS)} by ${SENDERS} senders, in µs:\n` +
      `with the index, all words added: median ${median(withIndex).toFixed(1)} (${
        list(withIndex)
      })\n` +
      `without: median ${median(without).toFixed(1)} (${list(without)})\n` +
      `differences: median ${median(differences).toFixed(1)} (${list(differences)})`,
  );
}

async function cpuPerSend(hasIndex: boolean): Promise<number> {
  // The words are added at once, or never.
  const runtime = runtimeWith((run) => hasIndex ? SYSTEM_RUNTIME.setTimeout(run, 0) : 0);
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL, { runtime });
  const before = cpuUsage();
  let next = 0;
  const send = async () => {
    while (next < SENDS) await store.log.append([draftOf(next++)]);
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  if (hasIndex) await isIndexed(store);
  const { user, system } = cpuUsage(before);
  return (user + system) / SENDS;
}

/** The runtime of this process, with other timers. */
function runtimeWith(setTimeout: Platform["setTimeout"]): Runtime {
  const system: Platform = SYSTEM_RUNTIME;
  return new Runtime({
    wallNow: () => system.wallNow(),
    monotonicNow: () => system.monotonicNow(),
    setTimeout,
    clearTimeout: (timer) => system.clearTimeout(timer),
    setInterval: (run, ms) => system.setInterval(run, ms),
    clearInterval: (timer) => system.clearInterval(timer),
    setImmediate: (run) => system.setImmediate(run),
    random: () => system.random(),
    randomBytes: (count) => system.randomBytes(count),
    randomUUID: () => system.randomUUID(),
    digest: (bytes) => system.digest(bytes),
  });
}
