import type { Topic } from "../../core/model/message.ts";
import { patternsOf } from "../../protocol/room_pattern.ts";
import type { KvDatabase } from "./kv_database.ts";
import {
  FILED,
  MARK_COUNT,
  markIdKey,
  markKey,
  MARKS,
  MAX_ID,
  PATTERNED,
  topicKey,
} from "./kv_keys.ts";

/** Maximum number of mutations of a commit, less than the 1,000 that Deno KV allows. */
const COMMIT = 900;

/** Number of marks that are read or written at once. */
const MARK_BATCH = 100;

/** The names of rooms are between these. */
const [FIRST, END] = ["room:", "room;"];

/**
 * Files what an earlier version has stored in rooms under the patterns of these rooms, too: once for each database, room
 * after room. It continues where a process that was killed has ended.
 */
export async function fileByPattern(database: KvDatabase): Promise<void> {
  const done = (await database.get<string>(PATTERNED)).value ?? FIRST;
  if (done === END) return;
  await markByPattern(database);
  for (let room = await roomAfter(database, done); room; room = await roomAfter(database, room)) {
    const patterns = patternsOf(room);
    if (patterns.length > 0) await fileRoom(database, room, patterns);
  }
  await database.commit((operation) => operation.set(PATTERNED, END));
}

/** The next room with messages. */
async function roomAfter(database: KvDatabase, room: Topic): Promise<Topic | undefined> {
  const selector = { start: [...FILED, `${room}\0`], end: [...FILED, END] };
  const [entry] = await database.list<true>(selector, { limit: 1 });
  return entry && String(entry.key.at(-2));
}

async function fileRoom(
  database: KvDatabase,
  room: Topic,
  patterns: readonly Topic[],
): Promise<void> {
  const limit = Math.floor(COMMIT / patterns.length);
  for (let after = 0, isMore = true; isMore;) {
    const selector = { start: topicKey(room, after + 1), end: topicKey(room, MAX_ID) };
    const entries = await database.list<true>(selector, { limit });
    const ids = entries.map(({ key }) => Number(key.at(-1)));
    isMore = ids.length === limit;
    after = ids.at(-1) ?? after;
    await database.commit((operation) => {
      for (const id of ids) {
        for (const pattern of patterns) operation.set(topicKey(pattern, id), true);
      }
      if (!isMore) operation.set(PATTERNED, room);
    });
  }
}

/** Gives each pattern the highest trimmed mark of its rooms. */
async function markByPattern(database: KvDatabase): Promise<void> {
  const highest = new Map<Topic, number>();
  for (let room: Topic | undefined = FIRST; room !== undefined;) {
    const selector: Deno.KvListSelector = { start: [...MARKS, `${room}\0`], end: [...MARKS, END] };
    const marks: readonly Deno.KvEntry<number>[] = await database.list(selector, {
      limit: MARK_BATCH,
    });
    for (const { key, value } of marks) {
      for (const pattern of patternsOf(String(key.at(-1)))) {
        highest.set(pattern, Math.max(value, highest.get(pattern) ?? 0));
      }
    }
    const last = marks.at(-1);
    room = marks.length === MARK_BATCH && last ? String(last.key.at(-1)) : undefined;
  }
  for (const [pattern, upTo] of highest) {
    await database.retry(async () => {
      const mark = await database.get<number>(markKey(pattern));
      if (mark.value !== null && mark.value >= upTo) return true;
      const committed = await database.commit((operation) => {
        operation.check(mark).set(markKey(pattern), upTo).set(markIdKey(upTo, pattern), true);
        if (mark.value === null) operation.sum(MARK_COUNT, 1n);
        else operation.delete(markIdKey(mark.value, pattern));
      });
      return committed === undefined ? undefined : true;
    });
  }
}
