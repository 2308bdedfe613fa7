import { later, type MonotonicTime, msBetween } from "../../base/clock.ts";
import type { Runtime } from "../../base/runtime.ts";
import type { Person } from "../../protocol/message.ts";
import { type Rights, userRightsOf } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { StoredSession } from "../model/store.ts";
import { type Claims, isNewer, issueTime } from "./claims.ts";

/** A session in memory, with its tokens and what the store has of it. */
export interface CachedSession extends Session {
  displayName: string;
  person: Person;
  seenAt: MonotonicTime;
  privateTokens: readonly string[];
  /** When its user was signed out everywhere: Unix time in ms. */
  readonly revokedAt: number | undefined;
  /** The issue time of the token that its name comes from. */
  namedAt: number;
  /** When it was created: Unix time in ms. */
  readonly createdAt: number;
  /** The `seenAt` that the store has. */
  storedSeenAt: MonotonicTime;
  /** Whether the store knows that it has made a request since it was created. */
  isUsed: boolean;
  /** When to ask the store next whether the session still exists. */
  nextCheck: MonotonicTime;
}

/** How often the store is asked whether an active session still exists, in ms: another node's event may get lost. */
const CHECK_INTERVAL = 60_000;

/** Maximum number of sessions in memory; the store has them all. */
const CAPACITY = 100_000;

/** The sessions that this process has seen lately, by their tokens. `Sessions` fills it from the store. */
export class SessionCache {
  readonly #byPrivateToken = new Map<string, CachedSession>();
  readonly #byPublicToken = new Map<string, CachedSession>();
  readonly #guestRights: Rights;
  readonly #userRights: Rights;
  readonly #runtime: Runtime;

  constructor(guestRights: Rights, runtime: Runtime) {
    this.#runtime = runtime;
    this.#guestRights = guestRights;
    this.#userRights = userRightsOf(guestRights);
  }

  byPrivateToken(privateToken: string): CachedSession | undefined {
    return this.#byPrivateToken.get(privateToken);
  }

  byPublicToken(publicToken: string): CachedSession | undefined {
    return this.#byPublicToken.get(publicToken);
  }

  /** Adds a session unless it is there, and a private token of it. Removes the oldest session beyond the capacity. */
  add(session: StoredSession, privateToken?: string): CachedSession {
    const cached = this.#byPublicToken.get(session.publicToken) ?? this.#insert(session);
    if (privateToken === undefined) return cached;
    if (!cached.privateTokens.includes(privateToken)) {
      // An array that is built by spreading would have room for 16 more items.
      cached.privateTokens = cached.privateTokens.concat(privateToken);
    }
    this.#byPrivateToken.set(privateToken, cached);
    return cached;
  }

  /**
   * Notes a request of a session. Returns "check" if the store has to be asked meanwhile whether the session still exists, and
   * "outdated" if that should have been long ago, since nobody has used the session here: it is removed, and not to be trusted.
   */
  markSeen(session: CachedSession): "trust" | "check" | "outdated" {
    session.seenAt = this.#runtime.monotonicNow();
    if (session.seenAt < session.nextCheck) return "trust";
    const isOutdated = msBetween(session.nextCheck, session.seenAt) > CHECK_INTERVAL;
    session.nextCheck = later(session.seenAt, CHECK_INTERVAL);
    if (isOutdated) this.remove(session.publicToken);
    return isOutdated ? "outdated" : "check";
  }

  remove(publicToken: string): void {
    const cached = this.#byPublicToken.get(publicToken);
    this.#byPublicToken.delete(publicToken);
    for (const token of cached?.privateTokens ?? []) this.#byPrivateToken.delete(token);
  }

  /**
   * The sessions whose last request the store does not know yet, if its time lags behind by more than `lag` ms or it is their
   * first one.
   */
  stale(lag: number): CachedSession[] {
    return [...this.#byPublicToken.values()]
      .filter(({ seenAt, storedSeenAt, isUsed }) =>
        msBetween(storedSeenAt, seenAt) > (isUsed ? lag : 0)
      );
  }

  #insert(session: StoredSession): CachedSession {
    const { publicToken, displayName, createdAt, lastSeen, startsAfter, userId, revokedAt } =
      session;
    const now = this.#runtime.monotonicNow();
    const seenAt = later(now, lastSeen - this.#runtime.wallNow());
    const cached = {
      publicToken,
      displayName,
      person: { publicToken, displayName },
      seenAt,
      createdAt,
      storedSeenAt: seenAt,
      isUsed: lastSeen > createdAt,
      nextCheck: later(now, CHECK_INTERVAL),
      startsAfter,
      ...(userId !== undefined && { userId }),
      rights: userId === undefined ? this.#guestRights : this.#userRights,
      revokedAt,
      namedAt: 0,
      hasEnded: false,
      privateTokens: [],
    };
    this.#byPublicToken.set(publicToken, cached);
    if (this.#byPublicToken.size > CAPACITY) {
      const [oldest = ""] = this.#byPublicToken.keys();
      this.remove(oldest);
    }
    return cached;
  }
}

/**
 * Gives a session the name and the picture from a token, if that is newer than the one that they come from. The picture is
 * not stored: each token brings it.
 */
export function rename(session: CachedSession, claims: Claims): void {
  if (!isNewer(claims, session)) return;
  const { publicToken, displayName, picture } = claims;
  session.namedAt = issueTime(claims);
  if (session.displayName === displayName && session.person.picture === picture) return;
  session.displayName = displayName;
  session.person = { publicToken, displayName, ...(picture !== undefined && { picture }) };
}

/** Whether a guest has another name than when the session was loaded. Users have theirs from the tokens of the application. */
export function isRenamed({ userId, displayName }: Session, stored: StoredSession): boolean {
  return userId === undefined && displayName !== stored.displayName;
}
