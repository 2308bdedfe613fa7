import { ignoreUnavailable } from "../../core/model/refused.ts";
import type { KeyValue } from "../../core/model/store.ts";
import type { Session } from "../../core/model/session.ts";
import type { Person } from "../../protocol/message.ts";

/**
 * The position of each legacy page: the id of the last message that it has acknowledged. It is stored, so that it
 * survives a restart and is the same on every node. A session without a stored position starts where the log stood when
 * the session was created.
 */
export class LegacyPositions {
  readonly #keyValue: KeyValue;
  // By person: one object per session for as long as the session is cached.
  readonly #cached = new WeakMap<Person, number>();

  constructor(keyValue: KeyValue) {
    this.#keyValue = keyValue;
  }

  /**
   * The position of a session whose page reports `lastId` as the last message that it has. Only a page that confirms
   * the cached position is served without reading the store: any other page may have been served by another node.
   */
  async get({ person, publicToken, startsAfter }: Session, lastId: number): Promise<number> {
    const cached = this.#cached.get(person);
    if (cached === lastId && lastId > 0) return cached;
    const stored = await this.#read(publicToken).catch((error) => {
      if (cached === undefined) throw error;
      ignoreUnavailable(error);
    });
    const position = Math.max(stored ?? 0, cached ?? 0, startsAfter);
    this.#cached.set(person, position);
    return position;
  }

  /** Stores a position. */
  async set({ person, publicToken }: Session, id: number): Promise<void> {
    this.#cached.set(person, id);
    // If the store is unavailable, the page can go on reading: at worst it gets a message once more after a restart.
    await this.#keyValue.set(nameOf(publicToken), String(id)).catch(ignoreUnavailable);
  }

  /** Removes the position of a session that was removed. */
  async remove(publicToken: string): Promise<void> {
    // Most sessions never had a legacy page, and reading is cheaper than removing.
    if (await this.#read(publicToken) === undefined) return;
    await this.#keyValue.remove(nameOf(publicToken));
  }

  async #read(publicToken: string): Promise<number | undefined> {
    const stored = await this.#keyValue.get(nameOf(publicToken));
    return stored === undefined ? undefined : Number(stored);
  }
}

function nameOf(publicToken: string): string {
  return `legacy ${publicToken}`;
}
