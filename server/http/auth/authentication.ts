import type { Context } from "hono";
import type { Hub } from "../../core/hub/hub.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Bans } from "../../core/sessions/bans.ts";
import type { Rights } from "../../core/model/rights.ts";
import type { Session } from "../../core/model/session.ts";
import type { Speaker } from "../../protocol/message.ts";
import { TOKEN_HEADER } from "../../protocol/token_header.ts";
import type { Limits, RequestKind } from "../limits/limits.ts";
import { type ApiKey, type ApiKeys, hasScope, type Scope } from "./api_keys.ts";

const TOKEN = /^([\x21-\x7e]{1,8192})$/;

const BEARER = /^Bearer +([\x21-\x7e]{1,8192}) *$/i;

/** Who acts for the system: a back end with an API key, or a user whose token contains the right to administer. */
export interface Authority {
  readonly name: string;
  /** Of the user, or of the session of an API key. */
  readonly publicToken: string;
  /** The user's rights; absent for an API key, which can act everywhere. */
  readonly rights?: Rights;
  /** The names under which an API key can publish. */
  readonly speakers?: readonly Speaker[] | undefined;
  /** Whether what it does is listed: it has the scope `admin`, or the right to administer. */
  readonly isAdministrator: boolean;
}

/** Who edits or deletes a message. */
export interface Editor {
  readonly name: string;
  /** Absent for an API key, which may change all messages. */
  readonly session?: Session;
}

/** Finds the session that a token belongs to. The setting `AUTH` selects the implementation. */
export interface SessionTokens {
  /** Whether people can sign in with only a name. */
  readonly allowGuests: boolean;

  /** The session, if it is cached. Refuses an expired token with `token_expired`, and other invalid ones. */
  cached(token: string): Session | undefined;

  /** The session. Refuses with `not_signed_in`, `token_expired`, `keys_unavailable` or `store_unavailable`. */
  find(token: string): Promise<Session>;
}

/** `AUTH=guest`: the tokens are private tokens, which Halley issues when people sign in. */
export class PrivateTokens implements SessionTokens {
  readonly allowGuests = true;
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  cached(token: string): Session | undefined {
    return this.#hub.sessions.cached(token);
  }

  async find(token: string): Promise<Session> {
    const session = await this.#hub.sessions.authenticate(token);
    if (session !== undefined) return session;
    throw new Refused("not_signed_in", "The private token is unknown, or its session has ended");
  }
}

export interface AuthenticationDeps {
  readonly tokens: SessionTokens;
  readonly keys: ApiKeys;
  readonly limits: Limits;
  readonly bans: Bans;
}

/**
 * Authenticates requests: people by the token of their session, back ends and administrators by an API key. Also applies
 * the bans of people and the rate limits, so each method can refuse with `banned` and `too_many_requests`. API keys cannot be
 * banned.
 */
export class Authentication {
  readonly #tokens: SessionTokens;
  readonly #keys: ApiKeys;
  readonly #limits: Limits;
  readonly #bans: Bans;

  constructor({ tokens, keys, limits, bans }: AuthenticationDeps) {
    this.#bans = bans;
    this.#tokens = tokens;
    this.#keys = keys;
    this.#limits = limits;
  }

  /** Whether sessions are created by a request, and not by tokens of the application. */
  get allowsGuests(): boolean {
    return this.#tokens.allowGuests;
  }

  /** Refuses with `token_required` if they are not. */
  checkAllowsGuests(): void {
    if (this.allowsGuests) return;
    throw new Refused("token_required", NO_SIGN_IN_DETAIL);
  }

  /**
   * The session of the token that a request carries. Refuses as {@linkcode SessionTokens} does, and an API key with
   * `not_allowed`: it is valid, so signing in again would not help.
   */
  session(c: Context, kind: RequestKind = "calls"): Session | Promise<Session> {
    const cached = this.#cached(c, kind);
    if (cached !== undefined) return cached;
    const token = bearerToken(c, "privateToken");
    const key = this.#keys.find(token);
    if (key === undefined) return this.sessionOf(c, kind, token);
    this.#limits.checkKey(key.name);
    throw new Refused("not_allowed", API_KEY_DETAIL);
  }

  /** Refuses requests without a token from an address that is banned. */
  checkAddress(c: Context): void {
    this.#checkBans(c, undefined);
  }

  /** The session of a token that is not in a header. Refuses as {@linkcode SessionTokens} does. */
  async sessionOf(c: Context, kind: RequestKind, token: string): Promise<Session> {
    this.checkAddress(c);
    const session = this.#tokens.cached(token) ?? await this.#tokens.find(token);
    return this.#admit(c, session, kind);
  }

  /**
   * Like {@linkcode session}, but also accepts an API key and returns its session. Refuses a key without the scope with
   * `not_allowed`.
   */
  reader(
    c: Context,
    kind: RequestKind = "calls",
    scope: Scope = "read",
  ): Session | Promise<Session> {
    const cached = this.#cached(c, kind);
    if (cached !== undefined) return cached;
    const token = bearerToken(c, "privateToken");
    const key = this.#keys.find(token);
    if (key !== undefined) return this.#checked(key, scope).session;
    this.#checkFormat(token);
    return this.sessionOf(c, kind, token);
  }

  /** Like {@linkcode reader}, but returns `undefined` for an API key with the scope `admin`, which may read all files. */
  fileReader(c: Context): Session | undefined | Promise<Session> {
    const key = this.#keys.find(bearerToken(c, "privateToken"));
    if (key === undefined || !hasScope(key, "admin")) return this.reader(c);
    this.#limits.checkKey(key.name);
    return undefined;
  }

  /** Who edits or deletes a message: a session, or an API key with the scope `admin`. */
  async editor(c: Context): Promise<Editor> {
    const token = bearerToken(c, "privateToken");
    const key = this.#keys.find(token);
    if (key !== undefined) {
      return { name: `api:${this.#checked(key, "admin").name}` };
    }
    this.#checkFormat(token);
    const session = await this.sessionOf(c, "sends", token);
    return { name: `user:${session.publicToken}`, session };
  }

  /** The API key that a request carries. Refuses with `not_signed_in`, or with `not_allowed` if it lacks the scope. */
  apiKey(c: Context, scope: Scope): ApiKey {
    const key = this.#keys.find(bearerToken(c, "API key"));
    if (key === undefined) {
      throw new Refused(
        "not_signed_in",
        "This request needs an API key, and the token is not a known one: see API_KEYS",
      );
    }
    return this.#checked(key, scope);
  }

  /** Like {@linkcode apiKey}, but also accepts the token of a user who has the right to administer. */
  async authority(c: Context, scope: Scope): Promise<Authority> {
    // Private tokens of guests contain no rights.
    if (this.#tokens.allowGuests) return authorityOf(this.apiKey(c, scope));
    const token = bearerToken(c, "API key");
    const key = this.#keys.find(token);
    if (key !== undefined) return authorityOf(this.#checked(key, scope));
    this.#checkFormat(token);
    const { publicToken, rights } = await this.sessionOf(c, "calls", token);
    if (rights.admin.isEmpty) {
      throw new Refused("not_allowed", "The token does not contain the right to administer");
    }
    return { name: `user:${publicToken}`, publicToken, rights, isAdministrator: true };
  }

  /**
   * The session of almost every request is in memory, and its token has the usual form. No other check is needed then, and a
   * promise would cost it a turn of the event loop.
   */
  #cached(c: Context, kind: RequestKind): Session | undefined {
    const cached = this.#tokens.cached(usualToken(c.req.raw));
    return cached && this.#admit(c, cached, kind);
  }

  #admit(c: Context, session: Session, kind: RequestKind): Session {
    this.#checkBans(c, session.publicToken);
    return this.#limits.checkSession(c, session, kind);
  }

  #checkBans(c: Context, publicToken: string | undefined): void {
    const limits = this.#limits;
    if (this.#bans.isEmpty) return;
    this.#bans.check(publicToken, {
      get address() {
        return limits.addressOf(c);
      },
    });
  }

  /** Refuses a wrong API key as what it is: it does not even look like a token of the application. */
  #checkFormat(token: string): void {
    if (this.#tokens.allowGuests || token.split(".").length === 3) return;
    throw new Refused("not_signed_in", "The API key is unknown, and it is not a JWT either");
  }

  #checked(key: ApiKey, scope: Scope): ApiKey {
    this.#limits.checkKey(key.name);
    if (hasScope(key, scope)) return key;
    const detail = `The API key "${key.name}" does not have the scope "${scope}"`;
    throw new Refused("not_allowed", detail);
  }
}

const NO_SIGN_IN_DETAIL =
  "With AUTH=jwt, a user exists from the first request with a token of the application on: neither " +
  "a name nor an API key signs in. GET /api/session with such a token has the public token";

const API_KEY_DETAIL =
  "This request needs the token of a person, not an API key: back ends use POST /api/publish";

function authorityOf(key: ApiKey): Authority {
  const { name, speakers, session: { publicToken } } = key;
  return { name: `api:${name}`, publicToken, speakers, isAdministrator: hasScope(key, "admin") };
}

/** The token that a request carries. Refuses with `not_signed_in` if it carries none. */
function bearerToken(c: Context, expected: string): string {
  const { headers } = c.req.raw;
  const own = headers.get(TOKEN_HEADER);
  const [, token] = (own ? TOKEN.exec(own) : BEARER.exec(headers.get("authorization") ?? "")) ?? [];
  if (token !== undefined) return token;
  const detail =
    `The header "Authorization: Bearer <${expected}>" is missing, and so is X-Halley-Token`;
  throw new Refused("not_signed_in", detail);
}

/** What the headers contain in place of a token, if it has the usual form: it need not be valid. */
function usualToken({ headers }: Request): string {
  const own = headers.get(TOKEN_HEADER);
  if (own) return own;
  const header = headers.get("authorization");
  return header?.startsWith("Bearer ") ? header.slice("Bearer ".length) : "";
}
