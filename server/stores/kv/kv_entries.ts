import { changedBy, referenceOf, resolveChange } from "../../core/model/change.ts";
import { decode, encode, type Entry } from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { KvDatabase } from "./kv_database.ts";
import { messageKey } from "./kv_keys.ts";

/** Maximum size of a message as JSON in bytes, slightly less than the 64 KiB that a value can have. */
export const MAX_MESSAGE_BYTES = 65_000;

const decoder = new TextDecoder();

/** Decodes an entry as it is stored: a change refers to its message. */
export function decodeEntry(bytes: Uint8Array): Entry {
  return decode(decoder.decode(bytes));
}

/** Reads entries as readers get them, without those that have been removed: a change has its message as it is now. */
export async function readEntries(
  database: KvDatabase,
  stored: readonly (Uint8Array | null)[],
): Promise<Entry[]> {
  const rows = stored.flatMap((bytes) => bytes === null ? [] : [decoder.decode(bytes)]);
  const ids = [...new Set(rows.map(changedBy).filter((id) => id !== undefined))];
  if (ids.length === 0) return rows.map(decode);
  const messages = new Map<number, string>();
  const found = await database.getMany<Uint8Array>(ids.map(messageKey));
  for (const [n, { value }] of found.entries()) {
    if (value !== null) messages.set(ids[n] ?? 0, decoder.decode(value));
  }
  return rows.map((row) => {
    const id = changedBy(row);
    return decode(id === undefined ? row : resolveChange(row, messages.get(id)));
  });
}

/** The refusal of a message that is larger than that. */
export function tooLarge(): Refused {
  const detail = `A message can have ${MAX_MESSAGE_BYTES} bytes as JSON in this server's store`;
  return new Refused("body_too_large", detail);
}

/** What is stored of an entry. */
export function rowOf(entry: Entry): string {
  const { message } = entry;
  return message === undefined ? encode(entry).json : referenceOf({ ...entry, message });
}
