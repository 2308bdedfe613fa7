import { errors, importJWK, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from "jose";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import type { Hub } from "../../core/hub/hub.ts";
import { displayNameFrom } from "../../core/model/content.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Session } from "../../core/model/session.ts";
import type { Claims } from "../../core/sessions/claims.ts";
import { invalidClaim, readJwtClaims } from "./jwt_claims.ts";
import type { JwtSettings, KeySource } from "./jwt_settings.ts";
import { RemoteKeys } from "./remote_keys.ts";
import type { SessionTokens } from "./authentication.ts";

/**
 * Maximum number of cached tokens, and of their characters. A cached token needs no signature check. The keys of the
 * cache are the tokens themselves: computing a digest would double the cost of a poll.
 */
const CACHE = { tokens: 100_000, characters: 2 ** 25 } as const;

export interface TokenOptions {
  readonly runtime?: Runtime | undefined;
  /** The origins of pictures that are shown; others are left out. */
  readonly pictureOrigins?: readonly string[] | undefined;
}

/**
 * `AUTH=jwt`: the tokens are JWTs (RFC 7519) that an application has signed. Which algorithms are accepted depends on the
 * configured keys, never on the token. All times in tokens are wall time, since another machine has written them.
 */
export class ApplicationTokens implements SessionTokens {
  readonly allowGuests = false;
  readonly #hub: Hub;
  readonly #settings: JwtSettings;
  readonly #pictureOrigins: readonly string[];
  readonly #runtime: Runtime;
  readonly #findKey: JWTVerifyGetKey;
  readonly #options: JWTVerifyOptions;
  /** The claims of verified tokens, the oldest first. */
  readonly #cache = new Map<string, Claims>();
  #characters = 0;

  constructor(hub: Hub, settings: JwtSettings, options: TokenOptions = {}) {
    const { runtime = SYSTEM_RUNTIME, pictureOrigins = [] } = options;
    this.#runtime = runtime;
    this.#pictureOrigins = pictureOrigins;
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

  cached(token: string): Session | undefined {
    const claims = this.#cachedClaims(token);
    return claims && this.#hub.sessions.cachedForClaims(claims);
  }

  async find(token: string): Promise<Session> {
    const claims = this.#cachedClaims(token) ?? await this.#verify(token);
    this.#addToCache(token, claims);
    return await this.#hub.accounts.sessionForClaims(claims);
  }

  #cachedClaims(token: string): Claims | undefined {
    const claims = this.#cache.get(token);
    if (claims === undefined || this.#runtime.wallNow() < claims.expires) return claims;
    this.#removeFromCache(token);
    throw tokenExpired();
  }

  #addToCache(token: string, claims: Claims): void {
    this.#removeFromCache(token);
    this.#cache.set(token, claims);
    this.#characters += token.length;
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= CACHE.tokens && this.#characters <= CACHE.characters) return;
      this.#removeFromCache(oldest);
    }
  }

  #removeFromCache(token: string): void {
    if (this.#cache.delete(token)) this.#characters -= token.length;
  }

  async #verify(token: string): Promise<Claims> {
    const currentDate = new Date(this.#runtime.wallNow());
    const { payload } = await jwtVerify(token, this.#findKey, { ...this.#options, currentDate })
      .catch((error) => {
        throw refusalOf(error);
      });
    const { userId, name, picture, rights, issuedAt = 0, expires } = readJwtClaims(payload);
    const { clockSkew } = this.#settings;
    const now = this.#runtime.wallNow();
    // A token with a future time could not be distinguished from one that was issued after its user was kicked.
    if (issuedAt * 1_000 > now + clockSkew) throw invalidClaim("iat");
    const publicToken = await this.#hub.sessions.tokenOf(userId);
    const { visitorRooms } = this.#hub.sessions.guestRights;
    const shown = pictureFrom(picture, this.#pictureOrigins);
    return {
      publicToken,
      displayName: displayNameFrom(name, publicToken),
      ...(shown !== undefined && { picture: shown }),
      userId,
      ...(rights !== undefined && { rights: { ...rights, visitorRooms } }),
      issuedAt: payload.iat === undefined ? undefined : issuedAt * 1_000,
      checkedAt: now,
      expires: expires * 1_000 + clockSkew,
    };
  }
}

/** Every message contains the address. */
const MAX_PICTURE_LENGTH = 1_000;

/** The address of a picture, if it is one of these origins. */
function pictureFrom(address: string, origins: readonly string[]): string | undefined {
  if (address.length > MAX_PICTURE_LENGTH) return undefined;
  const url = URL.parse(address);
  return url !== null && origins.includes(url.origin) ? url.href : undefined;
}

/**
 * The accepted algorithms. A secret is only used for HS256 and a public key never is: otherwise a token that was signed
 * with the public key as its secret would be accepted.
 */
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

/** The refusal for an error of jose. Its detail repeats nothing of the token. */
function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return tokenExpired();
  if (error instanceof errors.JWTClaimValidationFailed) return invalidClaim(error.claim);
  if (!(error instanceof errors.JOSEError)) return error;
  return new Refused("not_signed_in", DETAILS[error.code] ?? "The token is not a valid JWT");
}

const DETAILS: Readonly<Record<string, string>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "The signature of the token is invalid",
  ERR_JOSE_ALG_NOT_ALLOWED: "The algorithm of the token is not allowed",
  ERR_JWKS_NO_MATCHING_KEY: "The token names an unknown key",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "The token does not name the key that it was signed with",
};

function tokenExpired(): Refused {
  return new Refused("token_expired", "The token has expired");
}
