import {
  later,
  monotonicNow,
  type MonotonicTime,
  msBetween,
  wallNow,
  wallTimeOf,
} from "../../base/clock.ts";
import { Listeners } from "../../base/listeners.ts";
import type { Person } from "../../protocol/message.ts";
import type { EndReason } from "../model/hub_events.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import { EVERYDAY_RIGHTS, type Rights } from "../model/rights.ts";
import { type Session, TokenSession } from "../model/session.ts";
import type { SessionStore, StoredSession } from "../model/store.ts";
import { checkIssued, type Claims, isNewer, isOtherName, issueTime } from "./claims.ts";
import { RecentKicks } from "./recent_kicks.ts";
import { PRIVATE_BYTES, PUBLIC_BYTES, randomToken, tokenFrom } from "./token.ts";

/** A new private token and its owner. Only a hash of it is stored: this is the one time that the token is known. */
export interface Credentials extends Person {
  readonly privateToken: string;
}

/** Limits of {@linkcode Sessions}, and the rights of guests. */
export interface SessionOptions {
  /** Maximum number of sessions; no guests can sign in beyond it. */
  readonly maxSessions: number;
  readonly guestRights: Rights;
}

interface Entry extends Session {
  displayName: string;
  person: Person;
  seenAt: MonotonicTime;
  readonly privateTokens: Set<string>;
  /** When its user was signed out everywhere: Unix time in ms. */
  readonly revokedAt: number | undefined;
  /** The issue time of the token that its name comes from. */
  namedAt: number;
  /** The `seenAt` that the store has. */
  storedSeenAt: MonotonicTime;
  /** When the store was last asked whether the session still exists. */
  checkedAt: MonotonicTime;
}

/** Maximum number of sessions in memory; the store has them all. */
const CAPACITY = 100_000;

/** Maximum time in ms by which the stored time of a session's last request may lag behind. */
const SEEN_LAG = 60_000;

/** Maximum number of sessions in one update of the store. */
const UPDATE_BATCH = 1_000;

/** How often the store is asked whether an active session still exists, in ms: another node's event may get lost. */
const RECHECK_INTERVAL = 60_000;

/** Creates and removes sessions, and finds the session of a token: in memory where possible, else in the store. */
export class Sessions {
  /** Emits the public token of each session that this process has removed from the store. */
  readonly removed = new Listeners<string>();
  readonly #store: SessionStore;
  readonly #byPrivateToken = new Map<string, Entry>();
  readonly #byPublicToken = new Map<string, Entry>();
  readonly #options: SessionOptions;
  /** Number of stored sessions, as of the last sweep. */
  #count: number | undefined;
  readonly #kicks = new RecentKicks();
  /** Number of sessions that ended here: a session that was loaded meanwhile may be one of them. */
  #endings = 0;

  constructor(store: SessionStore, options: SessionOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Number of stored sessions, as of the last sweep. */
  get count(): number {
    return this.#count ?? 0;
  }

  /** Creates the session of a guest. `newest` is the id of the newest message. Rejects with `too_many_sessions`. */
  async signIn(displayName: string, newest: number): Promise<Credentials> {
    this.#count ??= await this.#store.count();
    if (this.#count >= this.#options.maxSessions) {
      throw new Refused("too_many_sessions", "The server has reached its session limit", 60_000);
    }
    this.#count++;
    const publicToken = randomToken(PUBLIC_BYTES);
    const privateToken = randomToken(PRIVATE_BYTES);
    const session = { publicToken, displayName, ...newTimes(), startsAfter: newest };
    await this.#store.upsert(session, privateToken);
    this.#cache(session, privateToken);
    return { publicToken, privateToken, displayName };
  }

  /** Signs in a user of an application. The same user id always belongs to the same session. */
  async signInUser(userId: string, displayName: string, newest: number): Promise<Credentials> {
    const publicToken = await this.tokenOf(userId);
    const privateToken = randomToken(PRIVATE_BYTES);
    const session = { publicToken, displayName, ...newTimes(), startsAfter: newest, userId };
    await this.#store.upsert(session, privateToken);
    // The next request loads it again, since its name may have changed.
    this.forget(publicToken);
    return { publicToken, privateToken, displayName };
  }

  /** The public token of a user of an application, who need not have signed in yet. */
  async tokenOf(userId: string): Promise<string> {
    const bytes = new TextEncoder().encode(`${this.#store.salt}\n${userId}`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return tokenFrom(digest.subarray(0, PUBLIC_BYTES));
  }

  /** The session of a private token, if it is in memory. */
  cached(privateToken: string): Session | undefined {
    const entry = this.#byPrivateToken.get(privateToken);
    if (entry === undefined) return undefined;
    this.#markSeen(entry, () => this.#store.findByPrivateToken(privateToken));
    return entry;
  }

  /** The session of a private token. Rejects with `kicked` if an administrator has recently ended it. */
  async authenticate(privateToken: string): Promise<Session | undefined> {
    return this.cached(privateToken) ?? await this.#load(privateToken);
  }

  /**
   * The session of an application's user, if it is in memory and has the name from the claims. Rejects with
   * `not_signed_in` a token that was issued before its user was signed out.
   */
  cachedForClaims(claims: Claims): Session | undefined {
    const { publicToken, rights = this.#options.guestRights, expires } = claims;
    const entry = this.#byPublicToken.get(publicToken);
    if (entry === undefined || isOtherName(claims, entry)) return undefined;
    checkIssued(claims, entry.revokedAt);
    this.#rename(entry, claims);
    this.#markSeen(entry, () => this.#store.findByPublicToken(publicToken));
    return new TokenSession(entry, { rights, expires });
  }

  /** The session of an application's user: loaded, created or renamed if necessary. */
  async sessionForClaims(claims: Claims, newest: number): Promise<Session> {
    const { publicToken, displayName, userId } = claims;
    const stored = this.#byPublicToken.get(publicToken) ?? await this.#find(publicToken);
    if (stored !== undefined) checkIssued(claims, stored.revokedAt);
    if (stored === undefined || isOtherName(claims, stored)) {
      const session = { publicToken, displayName, ...newTimes(), startsAfter: newest, userId };
      await this.#store.upsert(session, undefined);
      // It may have ended meanwhile: only what is stored is valid.
      this.#rename(await this.#find(publicToken), claims);
    }
    return this.cachedForClaims(claims) ?? await this.sessionForClaims(claims, newest);
  }

  /** The session with this public token. */
  async find(publicToken: string): Promise<Session | undefined> {
    return this.#byPublicToken.get(publicToken) ?? await this.#find(publicToken);
  }

  /** Removes a session from the store. Of an application's user, only the tokens are revoked: messages keep waiting. */
  async remove({ publicToken, userId }: Session): Promise<void> {
    if (userId !== undefined) return await this.#store.revokeTokens(publicToken, wallNow());
    await this.#store.remove(publicToken);
    this.removed.emit(publicToken);
  }

  /** Ends a session in memory: its running requests are rejected. */
  end(publicToken: string, reason: EndReason): void {
    this.#endings++;
    const entry = this.#byPublicToken.get(publicToken);
    if (entry !== undefined) entry.hasEnded = true;
    if (reason === "kicked") this.#kicks.add(entry?.privateTokens ?? []);
    this.forget(publicToken);
  }

  /** Removes a session from memory; the next request loads it again. */
  forget(publicToken: string): void {
    const entry = this.#byPublicToken.get(publicToken);
    this.#byPublicToken.delete(publicToken);
    for (const token of entry?.privateTokens ?? []) this.#byPrivateToken.delete(token);
  }

  /** Stores the times of last requests, and removes the sessions without a request since `unseenSince` (Unix, ms). */
  async sweep(unseenSince: number): Promise<void> {
    await this.#storeSeen(SEEN_LAG);
    let removed: readonly string[];
    do {
      removed = await this.#store.removeInactive(unseenSince);
      for (const publicToken of removed) {
        this.forget(publicToken);
        this.removed.emit(publicToken);
      }
    } while (removed.length > 0);
    this.#count = await this.#store.count();
  }

  /** Stores the times of all last requests. */
  async flush(): Promise<void> {
    await this.#storeSeen(0);
  }

  async #load(privateToken: string): Promise<Session | undefined> {
    this.#kicks.check(privateToken);
    const session = await this.#fresh(() => this.#store.findByPrivateToken(privateToken));
    if (session === undefined) return undefined;
    // Another request may have loaded it meanwhile.
    const entry = this.#byPrivateToken.get(privateToken) ?? this.#cache(session, privateToken);
    entry.seenAt = monotonicNow();
    return entry;
  }

  async #find(publicToken: string): Promise<Entry | undefined> {
    const session = await this.#fresh(() => this.#store.findByPublicToken(publicToken));
    return session && this.#cache(session, undefined);
  }

  /** Asks the store, and asks again if a session ended before it answered. */
  async #fresh<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      const endings = this.#endings;
      const answer = await ask();
      if (endings === this.#endings) return answer;
    }
  }

  #markSeen(entry: Entry, ask: () => Promise<StoredSession | undefined>): void {
    entry.seenAt = monotonicNow();
    if (msBetween(entry.checkedAt, entry.seenAt) < RECHECK_INTERVAL) return;
    entry.checkedAt = entry.seenAt;
    ask().then((session) => {
      const isGone = session === undefined || session.revokedAt !== entry.revokedAt;
      if (isGone) this.end(entry.publicToken, "signed_out");
    }).catch(ignoreUnavailable).catch(reportError);
  }

  #rename(entry: Entry | undefined, claims: Claims): void {
    if (entry === undefined || !isNewer(claims, entry)) return;
    const { publicToken, displayName } = claims;
    entry.namedAt = issueTime(claims);
    if (entry.displayName === displayName) return;
    entry.displayName = displayName;
    entry.person = { publicToken, displayName };
  }

  #cache(session: StoredSession, privateToken: string | undefined): Entry {
    const entry = this.#byPublicToken.get(session.publicToken) ?? this.#newEntry(session);
    if (privateToken === undefined) return entry;
    entry.privateTokens.add(privateToken);
    this.#byPrivateToken.set(privateToken, entry);
    return entry;
  }

  #newEntry(session: StoredSession): Entry {
    const { publicToken, displayName, lastSeen, startsAfter, userId, revokedAt } = session;
    const now = monotonicNow();
    const seenAt = later(now, lastSeen - wallNow());
    const entry = {
      publicToken,
      displayName,
      person: { publicToken, displayName },
      seenAt,
      storedSeenAt: seenAt,
      checkedAt: now,
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

  /** Stores the last request of each session whose stored time lags behind by more than `lag` ms. */
  async #storeSeen(lag: number): Promise<void> {
    const stale = [...this.#byPublicToken.values()]
      .filter(({ seenAt, storedSeenAt }) => msBetween(storedSeenAt, seenAt) > lag);
    for (let start = 0; start < stale.length; start += UPDATE_BATCH) {
      const batch = stale.slice(start, start + UPDATE_BATCH);
      const updates = batch.map(({ publicToken, seenAt }) => ({
        publicToken,
        lastSeen: wallTimeOf(seenAt),
      }));
      for (const entry of batch) entry.storedSeenAt = entry.seenAt;
      await this.#store.update(updates);
    }
  }
}

function newTimes() {
  const now = wallNow();
  return { createdAt: now, lastSeen: now };
}
