import { assertEquals } from "@std/assert";
import { ALL_ROOMS, hasTerms, phrasesOf } from "../../server/core/log/search_query.ts";
import type { Draft, Entry } from "../../server/core/model/message.ts";
import type { MessageSearch, SearchTerms } from "../../server/core/model/message_search.ts";
import { later, monotonicNow, type MonotonicTime } from "../../server/base/clock.ts";
import { Runtime, SYSTEM_RUNTIME } from "../../server/base/runtime.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Number of messages whose words are added to the index together. */
const PIECE = 500;

const from = { publicToken: "aliceAliceAlice_", displayName: "alice" };

function tea(text: string): Draft {
  return { channel: "room:tea", from, text };
}

/** Parts of texts that are unusual in some way. */
const PARTS = [
  ...["tea", "TEA", "tee", "te", "t", "a", "aa", "café", "cafe\u0301", "Straße", "ﬁne", "Ǆ", "İ"],
  ...["去", "东京", "お茶", "ｶﾞ", "ﷺ", "ไทย", "한국어", "नमस्ते", "שלום", "\u202Emirrored\u202C"],
  ...["😀", "👍🏽", "👨‍👩‍👧", "🇩🇪", "🇩", "\uD83D", "\uDE00", "\u0000", "\uFFFD", "\u200D", "\u0301"],
  ...[
    '"',
    '""',
    "'",
    "*",
    "^",
    "-",
    "+",
    ":",
    "(",
    ")",
    "NEAR(",
    "AND",
    "OR",
    "NOT",
    "{",
    "}",
    "%",
  ],
  ...["_", "\\", "words :", "places : rooms", "rooms", "bob@example.com", "https://a.b/c?d=e#f"],
  ...[
    "x".repeat(10_000),
    "é".repeat(200),
    "1",
    "42",
    "3.14",
    "１２",
    "\n",
    "\t",
    "\u00A0",
    "\u3000",
  ],
];

/** Numbers that look random, and are the same in each run. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed;;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state >>> 8;
  }
}

function someText(random: Generator<number>, length: number): string {
  const next = () => Number(random.next().value);
  return Array.from({ length: 1 + next() % length }, () => PARTS[next() % PARTS.length])
    .join(next() % 2 === 0 ? " " : "");
}

/** The ids of all messages that are found, in the order of the portions, and the number of these. */
async function find(search: MessageSearch, terms: SearchTerms, limit = 50) {
  const ids: number[] = [];
  let portions = 0;
  for (let before: number | undefined = Infinity; before !== undefined; portions++) {
    const portion: Awaited<ReturnType<MessageSearch["find"]>> = await search.find(
      terms,
      before,
      limit,
    );
    ids.push(...portion.messages.map(({ id }) => id));
    before = portion.before;
  }
  return { ids, portions };
}

Deno.test("[D94] whatever the texts and the queries are, the index finds what reading all messages finds", async () => {
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const random = numbers(7);
  const texts = Array.from({ length: 2 * PIECE - 100 }, () => someText(random, 6));
  const messages: Entry[] = [];
  for (let n = 0; n < texts.length; n += 50) {
    const appended = await store.log.append(texts.slice(n, n + 50).map(tea));
    messages.push(...appended.map(({ message }) => message));
  }
  await waitUntil(async () => (await store.log.search.state()).waiting < PIECE, "a piece is added");
  const queries = [...PARTS, ...Array.from({ length: 60 }, () => someText(random, 3))]
    .filter((query) => query.length <= 256);

  for (const q of queries) {
    const terms = { phrases: phrasesOf(q), places: [ALL_ROOMS], after: 0 };
    if (terms.phrases.length === 0) continue;
    const { ids } = await find(store.log.search, terms);
    const expected = messages.filter((message) => hasTerms(message, terms))
      .map(({ id }) => id).reverse();
    assertEquals(ids, expected, JSON.stringify(q));
  }
});

Deno.test("[D93] the words of long texts are added in short pieces", async () => {
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const count = PIECE + 100;
  const long = "去东京吃饭喝绿茶".repeat(330);
  for (let n = 0; n < count; n += 50) {
    await store.log.append(Array.from({ length: 50 }, () => tea(long)));
  }
  const { search } = store.log;

  await waitUntil(async () => (await search.state()).waiting < count, "a piece is added");

  const added = count - (await search.state()).waiting;
  assertEquals(added < 20, true, `${added}`);
});

/** The runtime of this process, with another clock. */
function runtimeAt(monotonicNow: () => MonotonicTime): Runtime {
  const system = SYSTEM_RUNTIME;
  return new Runtime({
    monotonicNow,
    wallNow: () => system.wallNow(),
    setTimeout: (run, ms) => system.setTimeout(run, ms),
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

for (const where of ["in the index", "that wait for it"]) {
  Deno.test(`[D93] a portion ends when its time is over, whichever messages ${where} it has checked, and none is missing`, async () => {
    let now = monotonicNow();
    let isSlow = false;
    // Each look at the clock takes longer than a portion may.
    const runtime = runtimeAt(() => isSlow ? now = later(now, 5) : now = monotonicNow());
    await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL, { runtime });
    const count = where === "in the index" ? PIECE : PIECE - 100;
    await store.log.append(Array.from({ length: count }, (_, n) => tea(`tea ${n}`)));
    const { search } = store.log;
    const waiting = where === "in the index" ? 0 : count;
    await waitUntil(async () => (await search.state()).waiting === waiting, "they are there");
    isSlow = true;

    const terms = { phrases: phrasesOf("tea"), places: [ALL_ROOMS], after: 0 };
    const { ids, portions } = await find(search, terms);

    assertEquals(ids, Array.from({ length: count }, (_, n) => count - n));
    assertEquals(portions >= count, true, `${portions}`);
  });
}

Deno.test("[D93] words that are repeated in a query are looked for once", () => {
  assertEquals(phrasesOf('tea tea "tea" tea tea').length, 2);
  assertEquals(phrasesOf("tea tea").map(({ isPrefix }) => isPrefix), [false, true]);
  assertEquals(phrasesOf('"a b" "a b" "b a"').map(({ words }) => words.join(" ")), ["a b", "b a"]);
});
