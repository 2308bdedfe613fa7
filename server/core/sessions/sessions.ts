import type { Session } from "../model/session.ts";
import type { Person } from "../../protocol/message.ts";
import type { EndReason } from "../cluster/node_event.ts";
import { RecentKicks } from "./recent_kicks.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import { EVERYDAY_RIGHTS, type Rights } from "../model/rights.ts";
import type { SessionStore, StoredSession } from "../model/store.ts";
import { steadyNow } from "../../base/clock.ts";
import { Listeners } from "../../base/listeners.ts";
import { PRIVATE_BYTES, PUBLIC_BYTES, randomToken, tokenFrom } from "./token.ts";
import { checkIssued, type Claims, isNewer, isOtherName, madeAt, TokenSession } from "./claims.ts";

export type { Session };

/** A new private token and whose it is. The token is stored as a hash only: this is the one time that it is known. */
export interface Credentials extends Person {
  readonly privateToken: string;
}

/** What bounds sessions, and what guests may do. */
export interface SessionOptions {
  /** Of more sessions than this, no more guests are let in. */
  readonly most: number;
  readonly guestRights: Rights;
}

interface Entry extends Session {
  displayName: string;
  person: Person;
  lastSeen: number;
  readonly privateTokens: Set<string>;
  /** When its user was signed out of everything: Unix time in ms. */
  readonly revokedAt: number | undefined;
  /** When the token was made that told its name. */
  namedAt: number;
  /** The `lastSeen` that the store has. */
  storedSeen: number;
  /** When the store was asked last whether it still counts. */
  checked: number;
}

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
  /** Emits the public token of each session that was removed from the store by this process. */
  readonly removed = new Listeners<string>();
  readonly #store: SessionStore;
  readonly #byPrivateToken = new Map<string, Entry>();
  readonly #byPublicToken = new Map<string, Entry>();
  readonly #options: SessionOptions;
  /** How many sessions are kept, as far as this process knows; counted with each sweep. */
  #count: number | undefined;
  readonly #kicks = new RecentKicks();
  /** How many sessions were ended here: what was loaded meanwhile may be one of them. */
  #endings = 0;

  constructor(store: SessionStore, options: SessionOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** How many sessions are kept, as far as is known. */
  get count(): number {
    return this.#count ?? 0;
  }

  /** Creates a session; `newest` is the id of the newest message. Refuses with `too_many_sessions`. */
  async signIn(displayName: string, newest: number): Promise<Credentials> {
    this.#count ??= await this.#store.count();
    if (this.#count >= this.#options.most) {
      throw new Refused("too_many_sessions", "Cannot let another guest in: too many are", 60_000);
    }
    this.#count++;
    const publicToken = randomToken(PUBLIC_BYTES);
    const privateToken = randomToken(PRIVATE_BYTES);
    const now = steadyNow();
    const times = { createdAt: now, lastSeen: now };
    const session = { publicToken, displayName, ...times, startsAfter: newest };
    await this.#store.upsert(session, privateToken);
    this.#know(session, privateToken);
    return { publicToken, privateToken, displayName };
  }

  /** Signs in a user of an application: the same user id is the same session each time. */
  async signInUser(userId: string, displayName: string, newest: number): Promise<Credentials> {
    const publicToken = await this.tokenOf(userId);
    const privateToken = randomToken(PRIVATE_BYTES);
    const now = steadyNow();
    const times = { createdAt: now, lastSeen: now };
    const session = { publicToken, displayName, ...times, startsAfter: newest, userId };
    await this.#store.upsert(session, privateToken);
    // The next request loads it again, whichever token it bears: the name may be another one now.
    this.forget(publicToken);
    return { publicToken, privateToken, displayName };
  }

  /** The public token of a user of an application, whether that user has ever signed in or not. */
  async tokenOf(userId: string): Promise<string> {
    const words = new TextEncoder().encode(`${this.#store.salt}\n${userId}`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", words));
    return tokenFrom(digest.subarray(0, PUBLIC_BYTES));
  }

  /** Whose private token this is, if this process knows it. */
  known(privateToken: string): Session | undefined {
    const entry = this.#byPrivateToken.get(privateToken);
    if (entry === undefined) return undefined;
    this.#noteSeen(entry, () => this.#store.findByPrivateToken(privateToken));
    return entry;
  }

  /** Whose private token this is. Refuses with `kicked` that of a session which an operator has ended of late. */
  async authenticate(privateToken: string): Promise<Session | undefined> {
    return this.known(privateToken) ?? await this.#load(privateToken);
  }

  /**
   * The session of the user whom an application vouches for, if this process knows it, and by the name that is told.
   * Refuses with `not_signed_in` a token from before its user was signed out.
   */
  vouched(claims: Claims): Session | undefined {
    const { publicToken } = claims;
    const entry = this.#byPublicToken.get(publicToken);
    if (entry === undefined || isOtherName(claims, entry)) return undefined;
    checkIssued(claims, entry.revokedAt);
    this.#name(entry, claims);
    this.#noteSeen(entry, () => this.#store.findByPublicToken(publicToken));
    return new TokenSession(entry, claims, this.#options.guestRights);
  }

  /** The same, where it is not known here: it is loaded, made or named anew. */
  async sessionForClaims(claims: Claims, newest: number): Promise<Session> {
    const { publicToken, displayName, userId } = claims;
    const stored = this.#byPublicToken.get(publicToken) ?? await this.#find(publicToken);
    if (stored !== undefined) checkIssued(claims, stored.revokedAt);
    if (stored === undefined || isOtherName(claims, stored)) {
      const now = steadyNow();
      const times = { createdAt: now, lastSeen: now };
      const session = { publicToken, displayName, ...times, startsAfter: newest, userId };
      await this.#store.upsert(session, undefined);
      // It may have been ended and loaded anew meanwhile: what is stored counts.
      this.#name(await this.#find(publicToken), claims);
    }
    return this.vouched(claims) ?? await this.sessionForClaims(claims, newest);
  }

  /** The session that others address by this public token. */
  async find(publicToken: string): Promise<Session | undefined> {
    return this.#byPublicToken.get(publicToken) ?? await this.#find(publicToken);
  }

  /** Ends a session in the store. What waits for the user of an application goes on waiting. */
  async remove({ publicToken, userId }: Session): Promise<void> {
    if (userId !== undefined) return await this.#store.revokeTokens(publicToken, Date.now());
    await this.#store.remove(publicToken);
    this.removed.emit(publicToken);
  }

  /** A session has ended: what it still asks for is refused. */
  end(publicToken: string, reason: EndReason): void {
    this.#endings++;
    const entry = this.#byPublicToken.get(publicToken);
    if (entry !== undefined) entry.hasEnded = true;
    if (reason === "kicked") this.#kicks.note(entry?.privateTokens ?? []);
    this.forget(publicToken);
  }

  /** What the store has of a session has changed, or it is needed no more. */
  forget(publicToken: string): void {
    const entry = this.#byPublicToken.get(publicToken);
    this.#byPublicToken.delete(publicToken);
    for (const token of entry?.privateTokens ?? []) this.#byPrivateToken.delete(token);
  }

  /** Writes down who was seen, and removes the sessions that were not seen for `unseen` ms. */
  async sweep(unseen: number): Promise<void> {
    await this.#writeDown(STALE);
    let removed: readonly string[];
    do {
      removed = await this.#store.removeInactive(steadyNow() - unseen);
      for (const publicToken of removed) {
        this.forget(publicToken);
        this.removed.emit(publicToken);
      }
    } while (removed.length > 0);
    this.#count = await this.#store.count();
  }

  /** Writes down all that the store does not know yet. */
  async flush(): Promise<void> {
    await this.#writeDown(0);
  }

  async #load(privateToken: string): Promise<Session | undefined> {
    this.#kicks.check(privateToken);
    const session = await this.#fresh(() => this.#store.findByPrivateToken(privateToken));
    if (session === undefined) return undefined;
    // Another request may have loaded it meanwhile.
    const entry = this.#byPrivateToken.get(privateToken) ?? this.#know(session, privateToken);
    entry.lastSeen = steadyNow();
    return entry;
  }

  async #find(publicToken: string): Promise<Entry | undefined> {
    const session = await this.#fresh(() => this.#store.findByPublicToken(publicToken));
    return session && this.#know(session, undefined);
  }

  /** What the store says, asked again where a session was ended before it answered. */
  async #fresh<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      const endings = this.#endings;
      const answer = await ask();
      if (endings === this.#endings) return answer;
    }
  }

  #noteSeen(entry: Entry, ask: () => Promise<StoredSession | undefined>): void {
    entry.lastSeen = steadyNow();
    if (entry.lastSeen - entry.checked < RECHECK) return;
    entry.checked = entry.lastSeen;
    ask().then((session) => {
      const isGone = session === undefined || session.revokedAt !== entry.revokedAt;
      if (isGone) this.end(entry.publicToken, "signed_out");
    }).catch(ignoreUnavailable).catch(reportError);
  }

  #name(entry: Entry | undefined, claims: Claims): void {
    if (entry === undefined || !isNewer(claims, entry)) return;
    const { publicToken, displayName } = claims;
    entry.namedAt = madeAt(claims);
    if (entry.displayName === displayName) return;
    entry.displayName = displayName;
    entry.person = { publicToken, displayName };
  }

  #know(session: StoredSession, privateToken: string | undefined): Entry {
    const entry = this.#byPublicToken.get(session.publicToken) ?? this.#enter(session);
    if (privateToken === undefined) return entry;
    entry.privateTokens.add(privateToken);
    this.#byPrivateToken.set(privateToken, entry);
    return entry;
  }

  #enter(session: StoredSession): Entry {
    const { publicToken, displayName, lastSeen, startsAfter, userId, revokedAt } = session;
    const entry = {
      publicToken,
      displayName,
      person: { publicToken, displayName },
      lastSeen,
      storedSeen: lastSeen,
      checked: steadyNow(),
      startsAfter,
      ...(userId !== undefined && { userId }),
      rights: userId === undefined ? this.#options.guestRights : EVERYDAY_RIGHTS,
      revokedAt,
      namedAt: 0,
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
      await this.#store.update(
        some.map(({ publicToken, lastSeen }) => ({ publicToken, lastSeen })),
      );
      for (const entry of some) entry.storedSeen = entry.lastSeen;
    }
  }
}
