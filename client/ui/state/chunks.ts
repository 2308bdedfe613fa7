import type { Message } from "../../comet/halley.ts";

/** Some messages in a row; the same object for as long as nothing in it changes. */
export interface Chunk {
  /** The id of its first message. */
  readonly id: number;
  readonly messages: readonly [Message, ...Message[]];
}

/** So many messages at most are drawn anew when one comes. */
const LARGEST = 50;

/**
 * Adds messages, each once, in the order of the log, whatever order they have. Chunks in which nothing changes stay the
 * objects that they are.
 */
export function addMessages(
  chunks: readonly Chunk[],
  added: readonly Message[],
): readonly Chunk[] {
  const first = Math.min(...added.map(({ id }) => id));
  const newest = lastOf(chunks)?.id ?? -Infinity;
  const oldest = chunks[0]?.id ?? -Infinity;
  const isAllOlder = added.every(({ id }) => id < oldest);
  if (isAllOlder) return [...chunksOf(sorted(added)), ...chunks];
  const changed = Math.max(0, chunks.findLastIndex(({ id }) => id <= first));
  const tail = chunks.slice(changed).flatMap(({ messages }) => messages);
  const merged = first > newest ? [...tail, ...sorted(added)] : sorted([...tail, ...added]);
  return merged.length === tail.length
    ? chunks
    : [...chunks.slice(0, changed), ...chunksOf(merged)];
}

/** At least so many of the newest messages, in whole chunks. */
export function newestOf(chunks: readonly Chunk[], count: number): readonly Chunk[] {
  let [start, sum] = [chunks.length, 0];
  while (start > 0 && sum < count) sum += chunks[--start]?.messages.length ?? 0;
  return chunks.slice(start);
}

/** The newest message. */
export function lastOf(chunks: readonly Chunk[]): Message | undefined {
  return chunks.at(-1)?.messages.at(-1);
}

/** All messages, the newest first. */
export function* backwards(chunks: readonly Chunk[]): Generator<Message> {
  for (let n = chunks.length - 1; n >= 0; n--) {
    const messages = chunks[n]?.messages ?? [];
    for (let m = messages.length - 1; m >= 0; m--) {
      const message = messages[m];
      if (message) yield message;
    }
  }
}

/** Each message once, oldest first. */
function sorted(messages: readonly Message[]): readonly Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  return [...byId.values()].sort((one, other) => one.id - other.id);
}

function chunksOf(messages: readonly Message[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let n = 0; n < messages.length; n += LARGEST) {
    const [first, ...others] = messages.slice(n, n + LARGEST);
    if (first) chunks.push({ id: first.id, messages: [first, ...others] });
  }
  return chunks;
}
