import type { Erasure } from "../../protocol/admin_replies.ts";
import { Refused } from "../model/refused.ts";
import type { KeyValue } from "../model/store.ts";
import { checkIssued, type Claims } from "../sessions/claims.ts";

/** What is stored of an erasure. */
export interface ErasureRecord extends Erasure {
  /** The entries of the log up to this id were looked at. */
  readonly after: number;
  /** The entries that are being looked at, up to this id, and how many messages are to be erased among them. */
  readonly portion?: { readonly upTo: number; readonly messages: number };
}

/** An erasure, and when the job has something to do for it: Unix time in ms. */
type Schedule = readonly (readonly [id: string, due: number])[];

/** The name of the list of all erasures that are stored. */
const SCHEDULE = "erasures";

/** Maximum number of erasures that are stored. Beyond it, those that are done are forgotten, the oldest first. */
const CAPACITY = 1_000;

/** The stored erasures. An erasure has the public token of its person as its id. */
export class ErasureRecords {
  readonly #keyValue: KeyValue;

  constructor(keyValue: KeyValue) {
    this.#keyValue = keyValue;
  }

  async get(id: string): Promise<ErasureRecord | undefined> {
    return parse(await this.#keyValue.get(nameOf(id)));
  }

  /** Begins an erasure, or returns the one that is running. */
  async begin(id: string, now: number): Promise<ErasureRecord> {
    for (;;) {
      const stored = await this.#keyValue.get(nameOf(id));
      const before = parse(stored);
      const record: ErasureRecord = before?.state === "running"
        ? before
        : { id, state: "running", startedAt: now, scanned: 0, erased: 0, after: 0 };
      const isSet = before === record ||
        await this.#keyValue.replace(nameOf(id), stored, JSON.stringify(record));
      if (!isSet) continue;
      await this.schedule(id, 0);
      return record;
    }
  }

  async put(record: ErasureRecord): Promise<void> {
    await this.#keyValue.set(nameOf(record.id), JSON.stringify(record));
  }

  /** The id of an erasure that is due at the Unix time `now`, the one that has waited longest. */
  async due(now: number): Promise<string | undefined> {
    const due = scheduleIn(await this.#keyValue.get(SCHEDULE)).find(([, due]) => due <= now);
    return due?.[0];
  }

  /** Sets when an erasure is due. */
  async schedule(id: string, due: number): Promise<void> {
    await this.#change((schedule) => [...schedule.filter(([one]) => one !== id), [id, due]]);
  }

  /** Forgets an erasure that is done. */
  async forget(id: string): Promise<void> {
    await this.#keyValue.remove(nameOf(id));
    await this.#change((schedule) => schedule.filter(([one]) => one !== id));
  }

  /** Rejects a person who is being erased with `not_allowed`; with claims, these too if they are older than that. */
  async check(id: string, claims?: Claims): Promise<void> {
    const record = await this.get(id);
    if (record === undefined) return;
    if (record.state === "running") throw new Refused("not_allowed", "This person is being erased");
    if (claims !== undefined) checkIssued(claims, record.doneAt);
  }

  async #change(change: (schedule: Schedule) => Schedule): Promise<void> {
    for (;;) {
      const stored = await this.#keyValue.get(SCHEDULE);
      const schedule = change(scheduleIn(stored));
      const surplus = schedule.length - CAPACITY;
      const dropped = surplus <= 0
        ? []
        : schedule.filter(([, due]) => due > 0).slice(0, surplus).map(([id]) => id);
      const kept = schedule.filter(([id]) => !dropped.includes(id));
      if (!await this.#keyValue.replace(SCHEDULE, stored, JSON.stringify(kept))) continue;
      for (const id of dropped) await this.#keyValue.remove(nameOf(id));
      return;
    }
  }
}

function nameOf(id: string): string {
  return `erasure ${id}`;
}

function parse(stored: string | undefined): ErasureRecord | undefined {
  return stored === undefined ? undefined : JSON.parse(stored);
}

function scheduleIn(stored: string | undefined): Schedule {
  return stored === undefined ? [] : JSON.parse(stored);
}
