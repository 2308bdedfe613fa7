import { errors, importJWK, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from "jose";
import type { Hub } from "../../core/hub/hub.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Session } from "../../core/model/session.ts";
import type { Claims } from "../../core/sessions/claims.ts";
import { misfit, readJwtClaims } from "./jwt_claims.ts";
import type { Identity } from "./identity.ts";
import type { JwtSettings, KeySource } from "./jwt_settings.ts";
import { RemoteKeys } from "./remote_keys.ts";

/**
 * So many tokens that were found good are remembered, and so many characters of them, so that their next requests cost no
 * signature check. (They are looked up as they are: a digest would cost each poll as much as all the rest.)
 */
const REMEMBERED = { tokens: 100_000, characters: 2 ** 25 } as const;

/**
 * Sessions by the tokens that an application has made (JWT, RFC 7519): `AUTH=jwt`. Which algorithms count is settled by
 * the operator's keys, never by the token.
 */
export class ApplicationTokens implements Identity {
  readonly takesNames = false;
  readonly #hub: Hub;
  readonly #settings: JwtSettings;
  readonly #findKey: JWTVerifyGetKey;
  readonly #options: JWTVerifyOptions;
  /** What good tokens say; the oldest go first. */
  readonly #vouchers = new Map<string, Claims>();
  #characters = 0;

  constructor(hub: Hub, settings: JwtSettings) {
    this.#hub = hub;
    this.#settings = settings;
    this.#findKey = keyFinder(settings.keys);
    const { issuer, audience, clockSkew } = settings;
    this.#options = {
      algorithms: algorithmsOf(settings.keys),
      requiredClaims: ["exp", "sub"],
      clockTolerance: clockSkew / 1_000,
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    };
  }

  known(token: string): Session | undefined {
    const claims = this.#remembered(token);
    return claims && this.#hub.sessions.cachedForClaims(claims);
  }

  async find(token: string): Promise<Session> {
    const claims = this.#remembered(token) ?? await this.#check(token);
    this.#remember(token, claims);
    return await this.#hub.accounts.sessionForClaims(claims);
  }

  #remembered(token: string): Claims | undefined {
    const claims = this.#vouchers.get(token);
    if (claims === undefined || Date.now() < claims.expires) return claims;
    this.#forget(token);
    throw expired();
  }

  #remember(token: string, claims: Claims): void {
    this.#forget(token);
    this.#vouchers.set(token, claims);
    this.#characters += token.length;
    for (const oldest of this.#vouchers.keys()) {
      const { tokens, characters } = REMEMBERED;
      if (this.#vouchers.size <= tokens && this.#characters <= characters) return;
      this.#forget(oldest);
    }
  }

  #forget(token: string): void {
    if (this.#vouchers.delete(token)) this.#characters -= token.length;
  }

  async #check(token: string): Promise<Claims> {
    const { payload } = await jwtVerify(token, this.#findKey, this.#options)
      .catch((error) => {
        throw refusalOf(error);
      });
    const { userId, displayName, rights, issuedAt = 0, expires } = readJwtClaims(payload);
    const { clockSkew } = this.#settings;
    // A token from the future could not be told from one that was made after a kick.
    if (issuedAt * 1_000 > Date.now() + clockSkew) throw misfit("iat");
    return {
      publicToken: await this.#hub.sessions.tokenOf(userId),
      displayName,
      userId,
      ...(rights !== undefined && { rights }),
      issuedAt: payload.iat === undefined ? undefined : issuedAt * 1_000,
      checkedAt: Date.now(),
      expires: expires * 1_000 + clockSkew,
    };
  }
}

/** A secret is for HS256 alone and a public key never: nobody can pass off the one as the other. */
function algorithmsOf(keys: KeySource): string[] {
  switch (keys.kind) {
    case "secret":
      return ["HS256"];
    case "public":
      return keys.algorithm === "EdDSA" ? ["EdDSA", "Ed25519"] : [keys.algorithm];
    case "url":
      return ["RS256", "ES256", "EdDSA", "Ed25519"];
  }
}

function keyFinder(keys: KeySource): JWTVerifyGetKey {
  if (keys.kind === "url") return new RemoteKeys(keys.url).find;
  if (keys.kind === "secret") {
    const secret = new TextEncoder().encode(keys.secret);
    return () => Promise.resolve(secret);
  }
  const importing = importJWK({ ...keys.jwk }, keys.algorithm);
  return () => importing;
}

/** Why a token does not count, in words that repeat nothing of it. */
function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return expired();
  if (error instanceof errors.JWTClaimValidationFailed) return misfit(error.claim);
  if (!(error instanceof errors.JOSEError)) return error;
  return new Refused("not_signed_in", REASONS[error.code] ?? "The token is no JWT that counts");
}

const REASONS: Readonly<Record<string, string>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "The token's signature is wrong",
  ERR_JOSE_ALG_NOT_ALLOWED: "The token's algorithm does not count here",
  ERR_JWKS_NO_MATCHING_KEY: "The token names a key that is not known",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "The token does not say by which key it is signed",
};

function expired(): Refused {
  return new Refused("token_expired", "The token has run out");
}
