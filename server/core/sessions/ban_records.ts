import type { Ban } from "../../protocol/moderation_replies.ts";
import { Refused } from "../model/refused.ts";
import type { KeyValue } from "../model/store.ts";

/** A ban as it is stored. */
export interface BanRecord extends Ban {
  /** What it is looked up by: the public token of a person, or a network. */
  readonly key: string;
}

/** Number of parts in which bans are stored: a value of Deno KV has at most 64 KiB. */
export const PARTS = 256;

/** Maximum size of a part in characters of JSON. */
const PART_SIZE = 30_000;

/** The name of a word that is another one after each change. */
const VERSION = "bans";

/** The stored bans, in parts by their keys. */
export class BanRecords {
  readonly #keyValue: KeyValue;

  constructor(keyValue: KeyValue) {
    this.#keyValue = keyValue;
  }

  /** Changes with each change of a ban; `undefined` before the first one. */
  async version(): Promise<string | undefined> {
    return await this.#keyValue.get(VERSION);
  }

  async read(part: number): Promise<readonly BanRecord[]> {
    return parse(await this.#keyValue.get(nameOf(part)));
  }

  /** Replaces the bans of a part. `version`: a word that no other change has. */
  async change(
    part: number,
    version: string,
    change: (bans: readonly BanRecord[]) => readonly BanRecord[],
  ): Promise<void> {
    for (;;) {
      const before = await this.#keyValue.get(nameOf(part));
      const after = JSON.stringify(change(parse(before)));
      if (after.length > PART_SIZE && after.length > (before?.length ?? 0)) throw tooManyBans();
      if (!await this.#keyValue.replace(nameOf(part), before, after)) continue;
      return await this.#keyValue.set(VERSION, version);
    }
  }
}

export function tooManyBans(): Refused {
  return new Refused(
    "too_many_bans",
    "The maximum number of bans is reached: lift some, or ban a network instead of addresses",
  );
}

/** The part that has the ban with this key. */
export function partOf(key: string): number {
  let hash = 0;
  for (let n = 0; n < key.length; n++) hash = (Math.imul(hash, 31) + key.charCodeAt(n)) | 0;
  return ((hash ^ (hash >>> 16)) >>> 0) % PARTS;
}

function nameOf(part: number): string {
  return `bans ${part}`;
}

function parse(stored: string | undefined): readonly BanRecord[] {
  return stored === undefined ? [] : JSON.parse(stored);
}
