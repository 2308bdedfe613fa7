import type { JWTPayload } from "jose";
import * as v from "valibot";
import { displayNameOf } from "../../core/model/content.ts";
import { checkUserId } from "../../core/conversations/publishing.ts";
import { Refused } from "../../core/model/refused.ts";
import { parseRights, type Rights } from "../../core/model/rights.ts";

/** What a token says of its user, as far as Halley cares. */
export interface JwtClaims {
  readonly userId: string;
  readonly displayName: string;
  readonly rights: Rights | undefined;
  /** Unix time in seconds, as in the token. */
  readonly issuedAt: number | undefined;
  readonly expires: number;
}

const patterns = v.optional(v.array(v.string()), []);

const schema = v.object({
  sub: v.string(),
  name: v.string(),
  exp: v.number(),
  iat: v.optional(v.number()),
  channels: v.optional(v.strictObject({ read: patterns, write: patterns, admin: patterns })),
});

/** Reads the claims of a token whose signature is good. Refuses with `not_signed_in`, and says which does not fit. */
export function readJwtClaims(payload: JWTPayload): JwtClaims {
  const read = v.safeParse(schema, payload, { abortEarly: true });
  if (!read.success) throw misfit(v.getDotPath(read.issues[0]) ?? "sub");
  const { sub, name, exp, iat, channels } = read.output;
  const rights = channels && parseRights(channels);
  if (channels !== undefined && rights === undefined) throw misfit("channels");
  fitting("sub", () => checkUserId(sub));
  const displayName = fitting("name", () => displayNameOf(name));
  return { userId: sub, displayName, rights, issuedAt: iat, expires: exp };
}

function fitting<T>(claim: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Refused ? misfit(claim) : error;
  }
}

/** The claim is named, its value is not repeated. */
export function misfit(claim: string): Refused {
  return new Refused("not_signed_in", `The token's claim "${claim}" is missing or does not fit`);
}
