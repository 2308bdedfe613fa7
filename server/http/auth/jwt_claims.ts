import type { JWTPayload } from "jose";
import * as v from "valibot";
import { checkUserId } from "../../core/conversations/publishing.ts";
import { displayNameOf } from "../../core/model/content.ts";
import { Refused } from "../../core/model/refused.ts";
import { parseRights, type Rights } from "../../core/model/rights.ts";

/** The claims of a token that Halley uses. Times are Unix times in seconds, as in the token. */
export interface JwtClaims {
  readonly userId: string;
  readonly displayName: string;
  readonly rights: Rights | undefined;
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

/** Reads the claims of a token whose signature is valid. Refuses with `not_signed_in` and names the invalid claim. */
export function readJwtClaims(payload: JWTPayload): JwtClaims {
  const result = v.safeParse(schema, payload, { abortEarly: true });
  if (!result.success) throw invalidClaim(v.getDotPath(result.issues[0]) ?? "sub");
  const { sub, name, exp, iat, channels } = result.output;
  const rights = channels && parseRights(channels);
  if (channels !== undefined && rights === undefined) throw invalidClaim("channels");
  check("sub", () => checkUserId(sub));
  const displayName = check("name", () => displayNameOf(name));
  return { userId: sub, displayName, rights, issuedAt: iat, expires: exp };
}

/** The refusal of a token because of one claim. It does not repeat the claim's value. */
export function invalidClaim(claim: string): Refused {
  return new Refused("not_signed_in", `The claim "${claim}" of the token is missing or invalid`);
}

function check<T>(claim: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Refused ? invalidClaim(claim) : error;
  }
}
