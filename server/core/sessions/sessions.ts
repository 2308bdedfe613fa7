import { LONG_AGO } from "../../base/clock.ts";
import { Listeners } from "../../base/listeners.ts";
import type { Person } from "../../protocol/message.ts";
import type { EndReason } from "../model/hub_events.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { Rights } from "../model/rights.ts";
import { type Session, TokenSession } from "../model/session.ts";
import type { SessionStore, StoredSession } from "../model/store.ts";
import { checkIssued, type Claims, isOtherName, type NewUser } from "./claims.ts";
import { RecentKicks } from "./recent_kicks.ts";
import { type CachedSession, isRenamed, rename, SessionCache } from "./session_cache.ts";
import type { SessionOptions } from "./shared_sessions.ts";
import { PRIVATE_BYTES, PUBLIC_BYTES, randomToken, tokenFrom } from "./token.ts";

/** A new private token and its owner. Only a hash of it is stored: this is the one time that the token is known. */
export interface Credentials extends Person {
  readonly privateToken: string;
}

/** Maximum time in ms by which the stored time of a session's last request may lag behind. */
const SEEN_LAG = 60_000;

/** How long a guest has for the first request, in ms, before it makes room for others. */
const UNUSED_AGE = 120_000;

/** How long a session counts as new, in ms. */
const NEW_AGE = 10_000;

/** Time in ms after which unused sessions are looked for again, if there were none. */
const REMOVAL_INTERVAL = 10_000;

/** Maximum number of sessions in one update of the store. */
const UPDATE_BATCH = 1_000;

/** Creates and removes sessions, and finds the session of a token: in memory where possible, else in the store. */
export class Sessions {
  /** Emits the public token of each session that this process has removed from the store. */
  readonly removed = new Listeners<string>();
  readonly #store: SessionStore;
  readonly #options: SessionOptions;
  readonly #cache: SessionCache;
  /** The number of stored sessions plus one, counted from the last sweep on; 0 while it is unknown. */
  readonly #countPlusOne: Int32Array<ArrayBufferLike>;
  /** The removal of unused sessions in progress, and when the next one may begin. */
  #removal: Promise<void> | undefined;
  #nextRemoval = LONG_AGO;
  readonly #kicks: RecentKicks;
  /** Number of sessions that ended here: a session that was loaded meanwhile may be one of them. */
  #endings = 0;

  constructor(store: SessionStore, options: SessionOptions) {
    this.#store = store;
    this.#options = options;
    this.#cache = new SessionCache(options.guestRights, options.runtime);
    this.#kicks = new RecentKicks(options.runtime, options.shared?.kicks);
    this.#countPlusOne = new Int32Array(options.shared?.count ?? new ArrayBuffer(4));
  }

  get guestRights(): Rights {
    return this.#options.guestRights;
  }

  /** Number of stored sessions, as of the last sweep. */
  get count(): number {
    return Math.max(0, Atomics.load(this.#countPlusOne, 0) - 1);
  }

  /**
   * Creates the session of a guest. If there is no room for it, it takes the place of the guests who signed in first of those
   * who have made no request since. `newest` is the id of the newest message. Rejects with `too_many_sessions`.
   */
  async signIn(displayName: string, newest: number): Promise<Credentials> {
    if (Atomics.load(this.#countPlusOne, 0) === 0) this.#setCount(await this.#store.count());
    const { maxSessions } = this.#options;
    if (this.count >= maxSessions && this.#options.runtime.hasPassed(this.#nextRemoval)) {
      await (this.#removal ??= this.#removeUnused());
    }
    if (Atomics.add(this.#countPlusOne, 0, 1) > maxSessions) {
      Atomics.sub(this.#countPlusOne, 0, 1);
      throw new Refused("too_many_sessions", "The server has reached its session limit", 60_000);
    }
    const publicToken = randomToken(PUBLIC_BYTES, this.#options.runtime);
    const privateToken = randomToken(PRIVATE_BYTES, this.#options.runtime);
    const session = { publicToken, displayName, ...this.#newTimes(), startsAfter: newest };
    await this.#store.upsert(session, privateToken);
    this.#cache.add(session, privateToken);
    return { publicToken, privateToken, displayName };
  }

  /** Signs in a user of an application. The same user id always belongs to the same session. */
  async signInUser(userId: string, displayName: string, newest: number): Promise<Credentials> {
    const publicToken = await this.tokenOf(userId);
    const privateToken = randomToken(PRIVATE_BYTES, this.#options.runtime);
    const session = { publicToken, displayName, ...this.#newTimes(), startsAfter: newest, userId };
    await this.#store.upsert(session, privateToken);
    // The next request loads it again, since its name may have changed.
    this.forget(publicToken);
    return { publicToken, privateToken, displayName };
  }

  /** The public token of a user of an application, who need not have signed in yet. */
  async tokenOf(userId: string): Promise<string> {
    const bytes = new TextEncoder().encode(`${this.#store.salt}\n${userId}`);
    const digest = await this.#options.runtime.digest(bytes);
    return tokenFrom(digest.subarray(0, PUBLIC_BYTES));
  }

  /** The session of a private token, if it is in memory. */
  cached(privateToken: string): Session | undefined {
    const session = this.#cache.byPrivateToken(privateToken);
    if (session === undefined) return undefined;
    const ask = () => this.#store.findByPrivateToken(privateToken);
    return this.#markSeen(session, ask) ? session : undefined;
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
    const session = this.#cache.byPublicToken(publicToken);
    if (session === undefined || isOtherName(claims, session)) return undefined;
    checkIssued(claims, session.revokedAt);
    rename(session, claims);
    if (!this.#markSeen(session, () => this.#store.findByPublicToken(publicToken))) {
      return undefined;
    }
    return new TokenSession(session, { rights, expires });
  }

  /**
   * The session of an application's user: loaded, created or renamed if necessary. `onNew` is awaited before a new session
   * is used, also by a request that finds it while another one creates it.
   */
  async sessionForClaims(
    claims: Claims,
    newest: number,
    asked: NewUser,
  ): Promise<Session> {
    const { publicToken, displayName, userId } = claims;
    const times = this.#newTimes();
    const session = { publicToken, displayName, ...times, startsAfter: newest, userId };
    if (this.#cache.byPublicToken(publicToken) === undefined) {
      const stored = await this.#fresh(() => this.#store.findByPublicToken(publicToken));
      if (stored === undefined) await this.#create(session, asked);
      if (times.createdAt - (stored?.createdAt ?? times.createdAt) < NEW_AGE) await asked.onNew();
    }
    // It may have ended meanwhile: only what is stored is valid.
    const found = await this.find(publicToken);
    if (found !== undefined) checkIssued(claims, found.revokedAt);
    if (found !== undefined && isOtherName(claims, found)) {
      await this.#store.upsert(session, undefined);
      rename(found, claims);
    }
    return this.cachedForClaims(claims) ?? await this.sessionForClaims(claims, newest, asked);
  }

  /** The session with this public token. */
  async find(publicToken: string): Promise<CachedSession | undefined> {
    const session = this.#cache.byPublicToken(publicToken);
    if (session !== undefined) return session;
    const stored = await this.#fresh(() => this.#store.findByPublicToken(publicToken));
    return stored && this.#cache.add(stored);
  }

  /** Removes a session from the store. Of an application's user, only the tokens are revoked: messages keep waiting. */
  async remove({ publicToken, userId }: Session): Promise<void> {
    if (userId !== undefined) {
      // The clock of the application may be ahead of this one.
      const { namedAt = 0 } = this.#cache.byPublicToken(publicToken) ?? {};
      const revokedAt = Math.max(this.#options.runtime.wallNow(), namedAt);
      return await this.#store.revokeTokens(publicToken, revokedAt);
    }
    await this.#store.remove(publicToken);
    this.removed.emit(publicToken);
  }

  /** Ends a session in memory: its running requests are rejected. */
  end(publicToken: string, reason: EndReason): void {
    this.#endings++;
    const session = this.#cache.byPublicToken(publicToken);
    if (session !== undefined) session.hasEnded = true;
    if (reason === "kicked") this.#kicks.add(session?.privateTokens ?? []);
    this.forget(publicToken);
  }

  /** Removes a session from memory; the next request loads it again. */
  forget(publicToken: string): void {
    this.#cache.remove(publicToken);
  }

  /** Stores the times of last requests, and removes the sessions without a request since `unseenSince` (Unix, ms). */
  async sweep(unseenSince: number): Promise<void> {
    await this.storeSeen();
    let removed: readonly string[];
    do {
      removed = await this.#store.removeInactive(unseenSince);
      for (const publicToken of removed) this.#onRemoved(publicToken);
    } while (removed.length > 0);
    this.#setCount(await this.#store.count());
  }

  /** Stores the last request of each session whose stored time lags behind by more than `lag` ms. */
  async storeSeen(lag = SEEN_LAG): Promise<void> {
    const stale = this.#cache.stale(lag);
    for (let start = 0; start < stale.length; start += UPDATE_BATCH) {
      const batch = stale.slice(start, start + UPDATE_BATCH);
      const updates = batch.map(({ publicToken, seenAt, createdAt }) => ({
        publicToken,
        // Later than the sign-in, also if the wall clock was set back.
        lastSeen: Math.max(this.#options.runtime.wallTimeOf(seenAt), createdAt + 1),
      }));
      for (const session of batch) session.storedSeenAt = session.seenAt;
      await this.#store.update(updates);
      for (const session of batch) session.isUsed = true;
    }
  }

  /** Stores the times of all last requests. */
  async flush(): Promise<void> {
    await this.storeSeen(0);
  }

  async #load(privateToken: string): Promise<Session | undefined> {
    this.#kicks.check(privateToken);
    const stored = await this.#fresh(() => this.#store.findByPrivateToken(privateToken));
    if (stored === undefined) return undefined;
    const session = this.#cache.add(stored, privateToken);
    session.seenAt = this.#options.runtime.monotonicNow();
    return session;
  }

  /** Asks again afterwards: the answer may have changed meanwhile. */
  async #create(session: StoredSession, { mayExist }: NewUser): Promise<void> {
    await mayExist();
    await this.#store.upsert(session, undefined);
    await mayExist().catch(async (error) => {
      await this.#store.remove(session.publicToken);
      throw error;
    });
  }

  /** Asks the store, and asks again if a session ended before it answered. */
  async #fresh<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      const endings = this.#endings;
      const answer = await ask();
      if (endings === this.#endings) return answer;
    }
  }

  /** Notes a request. Returns false if the session has to be loaded again first. */
  #markSeen(session: CachedSession, ask: () => Promise<StoredSession | undefined>): boolean {
    const trust = this.#cache.markSeen(session);
    if (trust === "check") {
      ask().then((stored) => {
        const isGone = stored === undefined || stored.revokedAt !== session.revokedAt;
        if (isGone) this.end(session.publicToken, "signed_out");
        else if (isRenamed(session, stored)) this.forget(session.publicToken);
      }).catch(ignoreUnavailable).catch(reportError);
    }
    return trust !== "outdated";
  }

  /** Removes some of the guests that have never made a request. */
  async #removeUnused(): Promise<void> {
    try {
      await this.storeSeen();
      const removed = await this.#store.removeUnused(this.#options.runtime.wallNow() - UNUSED_AGE);
      for (const publicToken of removed) this.#onRemoved(publicToken);
      Atomics.sub(this.#countPlusOne, 0, removed.length);
      if (removed.length === 0) this.#nextRemoval = this.#options.runtime.fromNow(REMOVAL_INTERVAL);
    } finally {
      this.#removal = undefined;
    }
  }

  #setCount(count: number): void {
    Atomics.store(this.#countPlusOne, 0, count + 1);
  }

  #onRemoved(publicToken: string): void {
    this.forget(publicToken);
    this.removed.emit(publicToken);
  }

  #newTimes() {
    const now = this.#options.runtime.wallNow();
    return { createdAt: now, lastSeen: now };
  }
}
