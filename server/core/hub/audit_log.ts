import type { Runtime } from "../../base/runtime.ts";
import type { AuditEntry, AuditReply } from "../../protocol/moderation_replies.ts";
import { ignoreUnavailable } from "../model/refused.ts";
import type { KeyValue } from "../model/store.ts";
import type { Sessions } from "../sessions/sessions.ts";

/** What an {@linkcode AuditLog} works with. */
export interface AuditLogDeps {
  readonly keyValue: KeyValue;
  readonly sessions: Pick<Sessions, "tokenOf">;
  readonly runtime: Runtime;
}

/** What an administrator does. */
export type Action = Pick<AuditEntry, "by" | "action" | "kind" | "target" | "until" | "count">;

/** An entry as it is stored. */
interface StoredEntry extends AuditEntry {
  /** The public token of the person whom it is about. */
  readonly person?: string;
}

/** Number of entries that are stored as one value, and of these values: older entries are removed. */
const PAGE = 50;
const PAGES = 200;

/** The name of the number of the newest page. */
const NEWEST = "audit";

/** Actions of the same kind within this time in ms can be one entry. */
const MERGE_TIME = 60_000;

/** Maximum number of entries that wait while the store is not available. Of more, the oldest are lost. */
const WAITING = 1_000;

/**
 * What administrators did, the newest 10,000 actions, in the store: the same on all nodes. An entry's id is its position.
 * Actions that arrive while others are being stored are stored together. Those that cannot be stored wait for the next
 * action, sweep or list: what was done cannot be undone because its entry is missing.
 */
export class AuditLog {
  readonly #deps: AuditLogDeps;
  /** What is stored next, together. */
  readonly #pending: StoredEntry[] = [];
  #next: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: AuditLogDeps) {
    this.#deps = deps;
  }

  /** Stores an action; later if the store is not available. */
  async record(action: Action): Promise<void> {
    const { sessions, runtime } = this.#deps;
    const { kind, target = "" } = action;
    const person = kind === "user" ? await sessions.tokenOf(target) : target;
    const isPerson = kind === "user" || kind === "session";
    this.#pending.push({
      ...{ id: 0, at: runtime.wallNow(), ...action },
      ...(isPerson && { person }),
    });
    await this.flush().catch(ignoreUnavailable);
  }

  /** Stores the actions that wait. Rejects with `store_unavailable`. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      return this.#store();
    });
    const stored = this.#next;
    this.#writing = stored.catch(() => {});
    await stored;
  }

  /** The newest entries before the one with the id `before`. */
  async list(
    { before = Infinity, limit }: { before?: number | undefined; limit: number },
  ): Promise<AuditReply> {
    await this.flush().catch(ignoreUnavailable);
    const newest = await this.#newest();
    const first = Math.min(newest, Math.floor((before - 1) / PAGE));
    const found: StoredEntry[] = [];
    for (let page = first; page > newest - PAGES && page >= 0 && found.length <= limit; page--) {
      const entries = parse(await this.#deps.keyValue.get(nameOf(page)));
      found.push(...entries.filter(({ id }) => id < before).reverse());
    }
    const entries = found.slice(0, limit).map(({ person: _, ...entry }) => entry);
    return { entries, more: found.length > limit };
  }

  /** Removes the name of a person who is erased from all entries. */
  async forget(publicToken: string): Promise<void> {
    await this.flush();
    const newest = await this.#newest();
    for (let page = newest; page > newest - PAGES && page >= 0; page--) {
      await this.#change(page, (entries) =>
        entries.map(({ person, target, by, ...entry }) => ({
          ...entry,
          by: by === `user:${publicToken}` ? "user" : by,
          ...(person !== publicToken && target !== undefined && { target }),
          ...(person !== publicToken && person !== undefined && { person }),
        })));
    }
  }

  /** Stores what waits now. What arrives meanwhile is stored the next time. */
  async #store(): Promise<void> {
    try {
      await this.#append(this.#pending.length);
    } catch (error) {
      this.#pending.splice(0, this.#pending.length - WAITING);
      throw error;
    }
  }

  async #append(count: number): Promise<void> {
    const { keyValue } = this.#deps;
    for (let left = count; left > 0;) {
      const page = await this.#newest();
      let taken = 0;
      await this.#change(page, (before) => {
        taken = Math.min(left, PAGE - before.length);
        return this.#pending.slice(0, taken)
          .reduce((all, entry) => added(all, entry, page), before);
      });
      this.#pending.splice(0, taken);
      left -= taken;
      if (left === 0) return;
      const stored = await keyValue.get(NEWEST);
      if (Number(stored ?? 0) !== page) continue;
      if (!await keyValue.replace(NEWEST, stored, String(page + 1))) continue;
      if (page + 1 >= PAGES) await keyValue.remove(nameOf(page + 1 - PAGES));
    }
  }

  async #newest(): Promise<number> {
    return Number(await this.#deps.keyValue.get(NEWEST) ?? 0);
  }

  async #change(
    page: number,
    change: (entries: readonly StoredEntry[]) => readonly StoredEntry[],
  ): Promise<void> {
    const { keyValue } = this.#deps;
    for (;;) {
      const before = await keyValue.get(nameOf(page));
      const after = JSON.stringify(change(parse(before)));
      if (after === (before ?? "[]") || await keyValue.replace(nameOf(page), before, after)) return;
    }
  }
}

/** Adds an entry, or counts it with the last one. */
function added(
  entries: readonly StoredEntry[],
  entry: StoredEntry,
  page: number,
): readonly StoredEntry[] {
  const last = entries.at(-1);
  if (last === undefined || !isSame(last, entry)) {
    return [...entries, { ...entry, id: page * PAGE + entries.length }];
  }
  const { target, ...rest } = last;
  const count = (last.count ?? 1) + (entry.count ?? 1);
  const merged = target === entry.target ? { ...last, count } : { ...rest, count };
  return [...entries.slice(0, -1), merged];
}

/** Whether two actions are one entry: notices to the same recipient, and what a back end does to messages. */
function isSame(one: StoredEntry, other: StoredEntry): boolean {
  const { action, by, kind } = one;
  if (action !== other.action || by !== other.by || kind !== other.kind) return false;
  if (other.at - one.at >= MERGE_TIME) return false;
  if (action === "notice") return one.target === other.target;
  return kind === "message" && by.startsWith("api:");
}

function nameOf(page: number): string {
  return `audit ${page}`;
}

function parse(stored: string | undefined): readonly StoredEntry[] {
  return stored === undefined ? [] : JSON.parse(stored);
}
