import type { Runtime } from "../../base/runtime.ts";
import type { Person } from "../../protocol/message.ts";
import { Refused } from "../model/refused.ts";
import type { Rights } from "../model/rights.ts";

/** What a valid token of the application says about its user. Times are Unix times in ms. */
export interface Claims extends Person {
  readonly userId: string;
  /** Absent if the token has no rights of its own: then the user has the rights of a guest. */
  readonly rights?: Rights;
  /** When the token was issued; it may be rounded down to a second. */
  readonly issuedAt: number | undefined;
  /** When the token was verified. */
  readonly checkedAt: number;
  readonly expires: number;
}

/** What is asked about a user who has no session yet. */
export interface NewUser {
  /** Rejects if the user must not have one. */
  readonly mayExist: () => Promise<void>;
  readonly onNew: () => Promise<void>;
}

/** Rejects a token that was issued before its user was signed out everywhere, at `revokedAt` (Unix time in ms). */
export function checkIssued({ issuedAt }: Claims, revokedAt: number | undefined): void {
  if (revokedAt === undefined) return;
  // Tokens have whole seconds: one of the same second may have been issued before.
  const second = Math.floor(revokedAt / 1_000) * 1_000;
  if (issuedAt !== undefined && issuedAt > second) return;
  throw new Refused("not_signed_in", "The token was issued before its user was signed out");
}

/** The name of a session, and the time of the token that it comes from. */
interface Named {
  readonly displayName: string;
  readonly namedAt: number;
}

/** Whether a token gives its user another name than the session has, and is newer than the token of that name. */
export function isOtherName(claims: Claims, session: Named): boolean {
  return claims.displayName !== session.displayName && isNewer(claims, session);
}

/** Whether a token is newer than the one that a session's name comes from. */
export function isNewer(claims: Claims, { namedAt }: Named): boolean {
  return issueTime(claims) > namedAt;
}

/** When a token was issued, as far as it is known. */
export function issueTime({ issuedAt, checkedAt }: Claims): number {
  return issuedAt ?? checkedAt;
}

/** Rejects with `token_expired` a request whose token has expired since it was authenticated. */
export function checkNotExpired(
  { expires }: { readonly expires?: number },
  runtime: Runtime,
): void {
  if (expires === undefined || runtime.wallNow() < expires) return;
  throw new Refused("token_expired", "The token has expired");
}
