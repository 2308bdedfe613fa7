import type { Person } from "./message.ts";
import type { Session, SessionStore } from "./store.ts";
import { steadyNow } from "./steady_time.ts";

/** A session that this process knows. */
export interface KnownSession extends Person {
  /** How its messages name it: one object, however many messages it sends. */
  readonly person: Person;
  /** Unix time in ms. */
  lastSeen: number;
  acknowledged: number;
  /** It was signed out: what it still asks for is refused. */
  hasEnded: boolean;
}

/** The answer to signing in; the private token is told this once. */
export interface SignedIn extends Person {
  readonly privateToken: string;
}

interface Entry extends KnownSession {
  readonly privateToken: string | undefined;
  /** The `lastSeen` that the store has. */
  storedSeen: number;
}

/** So many sessions are kept in memory; the store has them all. */
const CAPACITY = 100_000;

/** The store may be this far (ms) behind on when a session was last seen. */
const STALE = 60_000;

/** So many sessions are written to the store at once. */
const TOUCHES = 1_000;

/** Signs in and out, and knows who a private token belongs to. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #byPrivateToken = new Map<string, Entry>();
  readonly #byPublicToken = new Map<string, Entry>();

  constructor(store: SessionStore) {
    this.#store = store;
  }

  /** Makes a session whose legacy reading starts after the message `newest`. */
  async signIn(displayName: string, newest: number): Promise<SignedIn> {
    const publicToken = randomToken(12);
    const privateToken = randomToken(24);
    const now = steadyNow();
    const times = { createdAt: now, lastSeen: now };
    const session = { publicToken, displayName, ...times, acknowledged: newest };
    await this.#store.create(session, privateToken);
    this.#know(session, privateToken);
    return { publicToken, privateToken, displayName };
  }

  /** Whose private token this is. Without a promise where the session is known here already. */
  authenticate(privateToken: string): KnownSession | Promise<KnownSession | undefined> {
    const entry = this.#byPrivateToken.get(privateToken);
    if (entry === undefined) return this.#load(privateToken);
    entry.lastSeen = steadyNow();
    return entry;
  }

  /** The session that others address by this public token. */
  async find(publicToken: string): Promise<KnownSession | undefined> {
    const known = this.#byPublicToken.get(publicToken);
    if (known !== undefined) return known;
    const session = await this.#store.findByPublicToken(publicToken);
    return session && this.#know(session, undefined);
  }

  /** Ends a session. */
  async signOut(session: KnownSession): Promise<void> {
    await this.#store.remove(session.publicToken);
    session.hasEnded = true;
    this.#forget(session.publicToken);
  }

  /** Notes durably that a legacy page has every message up to `id`. */
  async acknowledge(session: KnownSession, id: number): Promise<void> {
    session.acknowledged = id;
    await this.#store.touch([{ publicToken: session.publicToken, acknowledged: id }]);
  }

  /** Writes down who was seen, and removes the sessions that were not seen for `unseen` ms. */
  async sweep(unseen: number): Promise<void> {
    await this.#writeDown(STALE);
    let removed: readonly string[];
    do {
      removed = await this.#store.removeUnseen(steadyNow() - unseen);
      for (const publicToken of removed) this.#forget(publicToken);
    } while (removed.length > 0);
  }

  /** Writes down all that the store does not know yet. */
  async flush(): Promise<void> {
    await this.#writeDown(0);
  }

  async #load(privateToken: string): Promise<KnownSession | undefined> {
    const session = await this.#store.findByPrivateToken(privateToken);
    if (session === undefined) return undefined;
    // Another request may have loaded it meanwhile.
    const entry = this.#byPrivateToken.get(privateToken) ?? this.#know(session, privateToken);
    entry.lastSeen = steadyNow();
    return entry;
  }

  #know(session: Session, privateToken: string | undefined): Entry {
    const { publicToken, displayName, lastSeen } = session;
    const known = this.#byPublicToken.get(publicToken);
    const entry = {
      publicToken,
      displayName,
      person: { publicToken, displayName },
      lastSeen: known?.lastSeen ?? lastSeen,
      storedSeen: lastSeen,
      acknowledged: session.acknowledged,
      hasEnded: false,
      privateToken,
    };
    this.#byPublicToken.set(publicToken, entry);
    if (privateToken !== undefined) this.#byPrivateToken.set(privateToken, entry);
    if (this.#byPublicToken.size > CAPACITY) this.#forget(this.#byPublicToken.keys().next().value);
    return entry;
  }

  #forget(publicToken: string | undefined): void {
    if (publicToken === undefined) return;
    const entry = this.#byPublicToken.get(publicToken);
    this.#byPublicToken.delete(publicToken);
    if (entry?.privateToken !== undefined) this.#byPrivateToken.delete(entry.privateToken);
  }

  async #writeDown(age: number): Promise<void> {
    const stale = [...this.#byPublicToken.values()]
      .filter(({ lastSeen, storedSeen }) => lastSeen > storedSeen + age);
    for (let start = 0; start < stale.length; start += TOUCHES) {
      const some = stale.slice(start, start + TOUCHES);
      await this.#store.touch(some.map(({ publicToken, lastSeen }) => ({ publicToken, lastSeen })));
      for (const entry of some) entry.storedSeen = entry.lastSeen;
    }
  }
}

function randomToken(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...random)).replaceAll("+", "-").replaceAll("/", "_");
}
