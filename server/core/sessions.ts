import type { Person } from "./message.ts";
import { ignoreUnavailable, Refused } from "./refusal.ts";
import type { Session, SessionStore } from "./store.ts";
import { steadyNow } from "./steady_time.ts";

/** A session that this process knows. */
export interface KnownSession extends Person {
  /** How its messages name it: one object, however many messages it sends. */
  readonly person: Person;
  /** Unix time in ms. */
  lastSeen: number;
  acknowledged: number;
  /** Whom a back end means by it. */
  readonly userId?: string;
  /** Reads with an API key: it is nobody's, is not present anywhere, and has no inbox. */
  readonly isProgram?: true;
  /** It was signed out: what it still asks for is refused. */
  hasEnded: boolean;
}

/** The answer to signing in; the private token is told this once. */
export interface SignedIn extends Person {
  readonly privateToken: string;
}

interface Entry extends KnownSession {
  readonly privateTokens: Set<string>;
  /** The `lastSeen` that the store has. */
  storedSeen: number;
  /** When the store was asked last whether it still counts. */
  checked: number;
}

/** How long tokens are, before they are written in base64. */
const PUBLIC_BYTES = 12;
const PRIVATE_BYTES = 24;

/** So many sessions are kept in memory; the store has them all. */
const CAPACITY = 100_000;

/** The store may be this far (ms) behind on when a session was last seen. */
const STALE = 60_000;

/** So many sessions are written to the store at once. */
const TOUCHES = 1_000;

/** A session that polls is looked up again so often (ms): another node may have ended it, and its word got lost. */
const RECHECK = 60_000;

/** Signs in and out, and knows who a private token belongs to. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #byPrivateToken = new Map<string, Entry>();
  readonly #byPublicToken = new Map<string, Entry>();
  readonly #most: number;
  /** How many sessions are kept, as far as this process knows; counted with each sweep. */
  #count: number | undefined;

  /** Of more than `most` sessions, no more guests are let in. */
  constructor(store: SessionStore, most: number) {
    this.#store = store;
    this.#most = most;
  }

  /** How many sessions are kept, as far as is known. */
  get count(): number {
    return this.#count ?? 0;
  }

  /**
   * Makes a session whose legacy reading starts after the message `newest`. Refuses with `too_many_sessions`.
   */
  async signIn(displayName: string, newest: number): Promise<SignedIn> {
    this.#count ??= await this.#store.count();
    if (this.#count >= this.#most) {
      throw new Refused("too_many_sessions", "Cannot let another guest in: too many are", 60_000);
    }
    this.#count++;
    const publicToken = randomToken(PUBLIC_BYTES);
    const privateToken = randomToken(PRIVATE_BYTES);
    const now = steadyNow();
    const times = { createdAt: now, lastSeen: now };
    const session = { publicToken, displayName, ...times, acknowledged: newest };
    await this.#store.create(session, privateToken);
    this.#know(session, privateToken);
    return { publicToken, privateToken, displayName };
  }

  /** Signs in a user of an application: the same user id is the same session each time. */
  async signInUser(userId: string, displayName: string, newest: number): Promise<SignedIn> {
    const publicToken = await this.tokenOf(userId);
    const privateToken = randomToken(PRIVATE_BYTES);
    const now = steadyNow();
    const times = { createdAt: now, lastSeen: now };
    const session = { publicToken, displayName, ...times, acknowledged: newest, userId };
    await this.#store.create(session, privateToken);
    // The next request loads it again, whichever token it bears: the name may be another one now.
    this.forget(publicToken);
    return { publicToken, privateToken, displayName };
  }

  /** The public token of a user of an application, whether that user has ever signed in or not. */
  async tokenOf(userId: string): Promise<string> {
    const words = new TextEncoder().encode(`${this.#store.salt}\n${userId}`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", words));
    return inBase64(digest.subarray(0, PUBLIC_BYTES));
  }

  /** Whose private token this is. Without a promise where the session is known here already. */
  authenticate(privateToken: string): KnownSession | Promise<KnownSession | undefined> {
    const entry = this.#byPrivateToken.get(privateToken);
    if (entry === undefined) return this.#load(privateToken);
    entry.lastSeen = steadyNow();
    if (entry.lastSeen - entry.checked >= RECHECK) this.#check(entry, privateToken);
    return entry;
  }

  /** The session that others address by this public token. */
  async find(publicToken: string): Promise<KnownSession | undefined> {
    const known = this.#byPublicToken.get(publicToken);
    if (known !== undefined) return known;
    const session = await this.#store.findByPublicToken(publicToken);
    return session && this.#know(session, undefined);
  }

  /** Ends a session. What waits for the user of an application goes on waiting. */
  async signOut(session: KnownSession): Promise<void> {
    if (session.userId === undefined) await this.#store.remove(session.publicToken);
    else await this.#store.revoke(session.publicToken);
    this.end(session.publicToken);
  }

  /** A session has ended: what it still asks for is refused. */
  end(publicToken: string): void {
    const entry = this.#byPublicToken.get(publicToken);
    if (entry !== undefined) entry.hasEnded = true;
    this.forget(publicToken);
  }

  /** What the store has of a session has changed, or it is needed no more. */
  forget(publicToken: string): void {
    const entry = this.#byPublicToken.get(publicToken);
    this.#byPublicToken.delete(publicToken);
    for (const token of entry?.privateTokens ?? []) this.#byPrivateToken.delete(token);
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
      for (const publicToken of removed) this.forget(publicToken);
    } while (removed.length > 0);
    this.#count = await this.#store.count();
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

  #check(entry: Entry, privateToken: string): void {
    entry.checked = entry.lastSeen;
    this.#store.findByPrivateToken(privateToken).then((session) => {
      if (session === undefined) this.end(entry.publicToken);
    }).catch(ignoreUnavailable);
  }

  #know(session: Session, privateToken: string | undefined): Entry {
    const entry = this.#byPublicToken.get(session.publicToken) ?? this.#enter(session);
    if (privateToken === undefined) return entry;
    entry.privateTokens.add(privateToken);
    this.#byPrivateToken.set(privateToken, entry);
    return entry;
  }

  #enter({ publicToken, displayName, lastSeen, acknowledged, userId }: Session): Entry {
    const entry = {
      publicToken,
      displayName,
      person: { publicToken, displayName },
      lastSeen,
      storedSeen: lastSeen,
      checked: steadyNow(),
      acknowledged,
      ...(userId !== undefined && { userId }),
      hasEnded: false,
      privateTokens: new Set<string>(),
    };
    this.#byPublicToken.set(publicToken, entry);
    if (this.#byPublicToken.size > CAPACITY) {
      const [oldest = ""] = this.#byPublicToken.keys();
      this.forget(oldest);
    }
    return entry;
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

/** A session for whoever reads with the API key of that name. */
export function programSession(name: string): KnownSession {
  // No public token looks like this, so nobody can be taken for it.
  const person = { publicToken: `key:${name}`, displayName: name };
  const now = steadyNow();
  return { ...person, person, lastSeen: now, acknowledged: 0, isProgram: true, hasEnded: false };
}

function randomToken(bytes: number): string {
  return inBase64(crypto.getRandomValues(new Uint8Array(bytes)));
}

function inBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}
