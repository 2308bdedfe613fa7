import type { Topic } from "../../core/model/message.ts";
import { isMeantAsPattern, patternsOf } from "../../protocol/room_pattern.ts";
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

/** Number of messages that are filed with one commit: each under at most four patterns, and Deno KV allows 1,000 mutations. */
const PORTION = 240;

/** Number of marks that are read or written at once. */
const MARK_BATCH = 100;

/** The names of rooms are between these. */
const [FIRST, END] = ["room:", "room;"];

/** The last message that is filed. The names are part of the stored format. */
interface Progress {
  readonly topic: Topic;
  readonly id: number;
}

/**
 * Files what an earlier version has stored in rooms under the patterns of these rooms, too: once for each database, in the
 * order of the index. It continues where a process that was killed has ended.
 */
export async function fileByPattern(database: KvDatabase): Promise<void> {
  let done = (await database.get<Progress>(PATTERNED)).value ?? { topic: FIRST, id: 0 };
  if (done.topic === END) return;
  await markByPattern(database);
  while (done.topic !== END) {
    const selector = { start: topicKey(done.topic, done.id + 1), end: [...FILED, END] };
    const entries = await database.list<true>(selector, { limit: PORTION });
    const messages = entries.map(({ key }) => ({
      topic: String(key.at(-2)),
      id: Number(key.at(-1)),
    }));
    done = afterwards(messages.at(-1));
    await database.commit((operation) => {
      for (const { topic, id } of messages) {
        if (isMeantAsPattern(topic)) continue;
        for (const pattern of patternsOf(topic)) operation.set(topicKey(pattern, id), true);
      }
      operation.set(PATTERNED, done);
    });
  }
}

/** The progress after a message; the rest of a room without patterns is skipped. */
function afterwards(last: Progress | undefined): Progress {
  if (last === undefined) return { topic: END, id: 0 };
  const { topic } = last;
  const isSkipped = isMeantAsPattern(topic) || patternsOf(topic).length === 0;
  return isSkipped ? { topic, id: MAX_ID - 1 } : last;
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
