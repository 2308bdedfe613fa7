import type { Person } from "../../protocol/message.ts";
import { Refused } from "../model/refused.ts";
import type { Rights } from "../model/rights.ts";
import type { Session } from "../model/session.ts";

/** What an application says of a user who bears its token. Times are Unix times in ms. */
export interface Claims extends Person {
  readonly userId: string;
  /** Absent where the application does not say: then the user has a guest's rights. */
  readonly rights?: Rights;
  /** When the token was made; it may be rounded down to a second. */
  readonly issuedAt: number | undefined;
  /** When this was found out. */
  readonly checkedAt: number;
  /** From then on the token does not count. */
  readonly expires: number;
}

/** Refuses a token that was made before its user was signed out of everything, at `revokedAt` (Unix, ms). */
export function checkIssued({ issuedAt }: Claims, revokedAt: number | undefined): void {
  if (revokedAt === undefined) return;
  // Tokens tell whole seconds: one of the same second may be the one that is to count no more.
  const second = Math.floor(revokedAt / 1_000) * 1_000;
  if (issuedAt !== undefined && issuedAt > second) return;
  throw new Refused("not_signed_in", "The token was made before its user was signed out");
}

/** By which name a session goes, and since which token. */
interface Named {
  readonly displayName: string;
  readonly namedAt: number;
}

/** Whether a token gives its user another name than the session has, and the right one: that of the newer token. */
export function isOtherName(claims: Claims, session: Named): boolean {
  return claims.displayName !== session.displayName && isNewer(claims, session);
}

/** Whether a token is newer than the one that gave a session its name. */
export function isNewer(claims: Claims, { namedAt }: Named): boolean {
  return madeAt(claims) > namedAt;
}

/** When a token was made, as far as is known. */
export function madeAt({ issuedAt, checkedAt }: Claims): number {
  return issuedAt ?? checkedAt;
}

/** Refuses with `token_expired` what the token of a session that has run out asks for. */
export function checkNotExpired({ expires }: Session): void {
  if (expires === undefined || Date.now() < expires) return;
  throw new Refused("token_expired", "The token has run out");
}

/** A session as one of its user's tokens lets it be used: with that token's rights, and no longer than it lasts. */
export class TokenSession implements Session {
  readonly rights: Rights;
  readonly expires: number;
  readonly #session: Session;

  constructor(session: Session, { rights, expires }: Claims, guest: Rights) {
    this.#session = session;
    this.rights = rights ?? guest;
    this.expires = expires;
  }

  get publicToken(): string {
    return this.#session.publicToken;
  }

  get displayName(): string {
    return this.#session.displayName;
  }

  get person(): Person {
    return this.#session.person;
  }

  get userId(): string {
    return this.#session.userId ?? "";
  }

  get lastSeen(): number {
    return this.#session.lastSeen;
  }

  get startsAfter(): number {
    return this.#session.startsAfter;
  }

  get hasEnded(): boolean {
    return this.#session.hasEnded;
  }

  set hasEnded(hasEnded: boolean) {
    this.#session.hasEnded = hasEnded;
  }
}
