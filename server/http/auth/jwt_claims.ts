import type { JWTPayload } from "jose";
import * as v from "valibot";
import { checkUserId } from "../../core/conversations/publishing.ts";
import { Refused } from "../../core/model/refused.ts";
import { parseRights, type Rights } from "../../core/model/rights.ts";

/** The claims of a token that Halley uses. Times are Unix times in seconds, as in the token. */
export interface JwtClaims {
  readonly userId: string;
  /** As the application wrote it; empty if there is none. */
  readonly name: string;
  /** The URL of a picture, as the application wrote it; empty if there is none. */
  readonly picture: string;
  readonly rights: Rights | undefined;
  readonly issuedAt: number | undefined;
  readonly expires: number;
}

const patterns = v.optional(v.array(v.string()), []);

const schema = v.object({
  sub: v.string(),
  // A token of a valid user is not refused because of a name or a picture.
  name: v.optional(v.fallback(v.string(), ""), ""),
  picture: v.optional(v.fallback(v.string(), ""), ""),
  exp: v.number(),
  iat: v.optional(v.number()),
  channels: v.optional(
    v.strictObject({ read: patterns, write: patterns, admin: patterns, patterns }),
  ),
});

/** Reads the claims of a token whose signature is valid. Refuses with `not_signed_in` and names the invalid claim. */
export function readJwtClaims(payload: JWTPayload): JwtClaims {
  const result = v.safeParse(schema, payload, { abortEarly: true });
  if (!result.success) throw invalidClaim(v.getDotPath(result.issues[0]) ?? "sub");
  const { sub, name, picture, exp, iat, channels } = result.output;
  const rights = channels && parseRights(channels);
  if (channels !== undefined && rights === undefined) throw invalidClaim("channels");
  try {
    checkUserId(sub);
  } catch (error) {
    throw error instanceof Refused ? invalidClaim("sub") : error;
  }
  return { userId: sub, name, picture, rights, issuedAt: iat, expires: exp };
}

/** The refusal of a token because of one claim. It does not repeat the claim's value. */
export function invalidClaim(claim: string): Refused {
  return new Refused("not_signed_in", `The claim "${claim}" of the token is missing or invalid`);
}
