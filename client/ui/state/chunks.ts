import type { Message } from "../../comet/halley.ts";

/** Consecutive messages. A chunk is immutable, so the page renders only chunks that are new objects. */
export interface Chunk {
  /** The id of the first message. */
  readonly id: number;
  readonly messages: readonly [Message, ...Message[]];
}

/** Maximum number of messages per chunk. A new message renders one chunk again. */
const CHUNK_SIZE = 50;

/** Adds messages in any order. The result is ordered by id and has each message once; unchanged chunks are reused. */
export function addMessages(
  chunks: readonly Chunk[],
  added: readonly Message[],
): readonly Chunk[] {
  const first = Math.min(...added.map(({ id }) => id));
  const newest = lastOf(chunks)?.id ?? -Infinity;
  const oldest = chunks[0]?.id ?? -Infinity;
  const areAllOlder = added.every(({ id }) => id < oldest);
  if (areAllOlder) return [...chunksOf(sorted(added)), ...chunks];
  const changed = Math.max(0, chunks.findLastIndex(({ id }) => id <= first));
  const tail = chunks.slice(changed).flatMap(({ messages }) => messages);
  const merged = first > newest ? [...tail, ...sorted(added)] : sorted([...tail, ...added]);
  return merged.length === tail.length
    ? chunks
    : [...chunks.slice(0, changed), ...chunksOf(merged)];
}

/** Replaces a message, or removes it if it was deleted. */
export function changeMessage(chunks: readonly Chunk[], changed: Message): readonly Chunk[] {
  return chunks.flatMap((chunk) =>
    chunk.messages.some(({ id }) => id === changed.id)
      ? chunksOf(chunk.messages.flatMap((one) => presentOf(one.id === changed.id ? changed : one)))
      : chunk
  );
}

/** The message, unless it was deleted. */
export function presentOf(message: Message): readonly Message[] {
  return message.deletedAt ? [] : [message];
}

/** The newest chunks that together have at least `count` messages, and those from the message with the id `from` on. */
export function newestOf(
  chunks: readonly Chunk[],
  count: number,
  from = Infinity,
): readonly Chunk[] {
  let [start, sum] = [chunks.length, 0];
  while (start > 0 && (sum < count || (chunks[start]?.id ?? 0) > from)) {
    sum += chunks[--start]?.messages.length ?? 0;
  }
  return chunks.slice(start);
}

/** The newest message. */
export function lastOf(chunks: readonly Chunk[]): Message | undefined {
  return chunks.at(-1)?.messages.at(-1);
}

/** The newer one of two messages. */
export function newerOf(
  one: Message | undefined,
  other: Message | undefined,
): Message | undefined {
  return (one?.id ?? -1) > (other?.id ?? -1) ? one : other;
}

/** All messages, newest first. */
export function* newestFirst(chunks: readonly Chunk[]): Generator<Message> {
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
  for (let n = 0; n < messages.length; n += CHUNK_SIZE) {
    const [first, ...others] = messages.slice(n, n + CHUNK_SIZE);
    if (first) chunks.push({ id: first.id, messages: [first, ...others] });
  }
  return chunks;
}
