import type { Message, Person } from "../../protocol/message.ts";
import type { Store } from "../model/store.ts";
import type { Sessions } from "./sessions.ts";

/** What {@linkcode UserIds} is constructed from. */
export interface UserIdsDeps {
  readonly sessions: Sessions;
  readonly store: Pick<Store, "keyValue">;
}

/** Maximum number of users that are remembered as stored. */
const STORED_USERS = 50_000;

/**
 * The application's ids behind public tokens, for back ends: of sessions, and of users to whom something was sent before
 * they have connected. Public tokens are computed from user ids, and do not reveal them.
 */
export class UserIds {
  readonly #deps: UserIdsDeps;
  readonly #stored = new Set<string>();

  constructor(deps: UserIdsDeps) {
    this.#deps = deps;
  }

  /** Stores the user id behind a public token. */
  async remember(publicToken: string, userId: string): Promise<void> {
    if (this.#stored.has(publicToken)) return;
    await this.#deps.store.keyValue.set(nameOf(publicToken), userId);
    if (this.#stored.size >= STORED_USERS) this.#stored.clear();
    this.#stored.add(publicToken);
  }

  /** Forgets what is stored behind a public token, which this or another node has erased. */
  forget(publicToken: string): void {
    this.#stored.delete(publicToken);
  }

  /** Erases the user id behind a public token, unless a session has it. */
  async erase(publicToken: string): Promise<void> {
    await this.#deps.store.keyValue.remove(nameOf(publicToken));
  }

  /** The user id behind a public token, if it is known; `undefined` for guests. */
  async find(publicToken: string): Promise<string | undefined> {
    const { sessions, store } = this.#deps;
    const session = await sessions.find(publicToken);
    return session ? session.userId : await store.keyValue.get(nameOf(publicToken));
  }

  /** The same person, with their user id unless they are a guest. */
  async identify<T extends Person>(person: T): Promise<T> {
    const userId = await this.find(person.publicToken);
    return userId === undefined ? person : { ...person, userId };
  }

  /** The same messages or signals, each with the user id of its sender. */
  identifySenders<T extends Pick<Message, "from">>(sent: readonly T[]): Promise<T[]> {
    return Promise.all(
      sent.map(async (one) => one.from ? { ...one, from: await this.identify(one.from) } : one),
    );
  }
}

function nameOf(publicToken: string): string {
  return `user.${publicToken}`;
}
