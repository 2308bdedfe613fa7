import { type Draft, messageOf } from "../../core/message.ts";
import type { KvDatabase } from "./kv_database.ts";
import { entriesOf, HEAD, type Head, stagedKey } from "./kv_entries.ts";
import { batches, type Entry, VALUE_BYTES, weightOf, write } from "./kv_weight.ts";

/** What was staged and never decided on goes by itself after this time (ms). */
const STAGED_AGE = 30 * 24 * 60 * 60 * 1_000;

/** So many staged parts are removed at once; more go by themselves. */
const REMOVED = 500;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** Drafts that lie in the database, and are no part of the log yet. */
export interface Staged {
  readonly name: string;
  readonly parts: number;
}

/** Lays drafts down that do not fit one commit. */
export async function stage(database: KvDatabase, drafts: readonly Draft[]): Promise<Staged> {
  const name = crypto.randomUUID();
  const parts = partsOf(drafts).map((value, part): Entry => ({
    key: stagedKey(name, part),
    value,
    expireIn: STAGED_AGE,
  }));
  for (const batch of batches(parts, weightOf)) {
    const operation = database.atomic();
    for (const part of batch) write(operation, part);
    await database.commit(operation);
  }
  return { name, parts: parts.length };
}

/**
 * Writes the messages of the large append that is pending in `head`, and moves the head. Each of its commits checks the
 * head, so that it is done once, whoever does it, and by somebody else when its own process has died.
 */
export async function finish(database: KvDatabase, head: Deno.KvEntry<Head>): Promise<void> {
  const { newest, pending } = head.value;
  if (pending === undefined) return;
  const { name, parts, repeated, at, keyAge } = pending;
  const keys = Array.from({ length: parts }, (_, part) => stagedKey(name, part));
  const drafts = (await database.getAll<Uint8Array>(keys)).flatMap(({ value }) => draftsIn(value));
  const known = new Set(repeated);
  const entries = drafts.filter((_, n) => !known.has(n)).map((draft, n) =>
    entriesOf({ draft, message: messageOf(draft, newest + n + 1, at) }, keyAge)
  );
  for (const batch of batches(entries.flat(), weightOf)) {
    const operation = database.atomic().check(head);
    for (const entry of batch) write(operation, entry);
    if (!(await database.commit(operation)).ok) return;
  }
  const operation = database.atomic().check(head).set(HEAD, { newest: newest + entries.length });
  for (const key of keys.slice(0, REMOVED)) operation.delete(key);
  await database.commit(operation);
}

/** Drafts as values, each a list in JSON. */
function partsOf(drafts: readonly Draft[]): readonly Uint8Array[] {
  const parts: string[][] = [];
  let bytes = Infinity;
  for (const draft of drafts) {
    const json = JSON.stringify(draft);
    const length = utf8.encode(json).length + 1;
    if (bytes + length > VALUE_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(json);
    bytes += length;
  }
  return parts.map((part) => utf8.encode(`[${part.join(",")}]`));
}

function draftsIn(part: Uint8Array | null): readonly Draft[] {
  return part === null ? [] : JSON.parse(fromUtf8.decode(part));
}
