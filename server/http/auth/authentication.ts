import type { Context } from "hono";
import { Refused } from "../../core/model/refused.ts";
import type { Rights } from "../../core/model/rights.ts";
import type { Session } from "../../core/model/session.ts";
import { allows, type ApiKey, type ApiKeys, type Scope } from "./api_keys.ts";
import type { Identity } from "./identity.ts";
import type { Limits, RequestKind } from "../limits/limits.ts";

const BEARER = /^Bearer +([\x21-\x7e]{1,8192}) *$/i;

/** Who acts for the system: an API key, or a user whose token gives the right to. */
export interface Authority {
  /** Which one, of all that there are. */
  readonly name: string;
  /** Where it may do so; absent where it may do so everywhere. */
  readonly rights?: Rights;
}

/** What says who asks, and how often one may. */
export interface AuthenticationDeps {
  readonly identity: Identity;
  readonly keys: ApiKeys;
  readonly limits: Limits;
}

/**
 * Knows who asks: a session by its token, a back end or an operator by an API key. Whoever asks too often is refused with
 * `too_many_requests`.
 */
export class Authentication {
  readonly #identity: Identity;
  readonly #keys: ApiKeys;
  readonly #limits: Limits;

  constructor({ identity, keys, limits }: AuthenticationDeps) {
    this.#identity = identity;
    this.#keys = keys;
    this.#limits = limits;
  }

  /** Refuses with `token_required` where a name is not enough to sign in. */
  checkTakesNames(): void {
    if (this.#identity.takesNames) return;
    const detail = "Nobody signs in by name here: a token of the application is what counts";
    throw new Refused("token_required", detail);
  }

  /** The session whose token a request bears. Refuses as `Identity` does. */
  session(c: Context, kind: RequestKind = "calls"): Session | Promise<Session> {
    return this.sessionOf(c, tokenOf(c, "privateToken"), kind);
  }

  /** The session of a token, for a request that bears it. Refuses as `Identity` does. */
  sessionOf(c: Context, token: string, kind: RequestKind): Session | Promise<Session> {
    const known = this.#identity.known(token);
    if (known !== undefined) return this.#admit(c, known, kind);
    return this.#identity.find(token).then((found) => this.#admit(c, found, kind));
  }

  /**
   * The same as {@linkcode session}, or the session of a program that reads with an API key. Refuses a key without the
   * scope `read` with `not_allowed`.
   */
  reader(c: Context, kind: RequestKind = "calls"): Session | Promise<Session> {
    const token = tokenOf(c, "privateToken");
    // Those who poll all the time are known already.
    const known = this.#identity.known(token);
    if (known !== undefined) return this.#admit(c, known, kind);
    const key = this.#keys.find(token);
    if (key !== undefined) return this.#admitKey(key, "read").session;
    return this.#identity.find(token).then((found) => this.#admit(c, found, kind));
  }

  /** The API key that a request bears. Refuses with `not_signed_in`, and with `not_allowed` without the scope. */
  key(c: Context, scope: Scope): ApiKey {
    const key = this.#keys.find(tokenOf(c, "API key"));
    if (key === undefined) throw new Refused("not_signed_in", "The API key is unknown");
    return this.#admitKey(key, scope);
  }

  /** As {@linkcode key}; or a user, with the rights to administer that the application gives. */
  async authority(c: Context, scope: Scope): Promise<Authority> {
    if (this.#identity.takesNames) return { name: `api:${this.key(c, scope).name}` };
    const token = tokenOf(c, "API key");
    const key = this.#keys.find(token);
    if (key !== undefined) return { name: `api:${this.#admitKey(key, scope).name}` };
    const { publicToken, rights } = await this.sessionOf(c, token, "calls");
    if (rights.admin.isEmpty) {
      throw new Refused("not_allowed", "The token lets its user administer nothing");
    }
    return { name: `user:${publicToken}`, rights };
  }

  #admit(c: Context, session: Session, kind: RequestKind): Session {
    this.#limits.checkSession(c, session, kind);
    return session;
  }

  #admitKey(key: ApiKey, scope: Scope): ApiKey {
    this.#limits.checkKey(key.name);
    return checked(key, scope);
  }
}

function tokenOf(c: Context, wanted: string): string {
  const [, token] = BEARER.exec(c.req.raw.headers.get("authorization") ?? "") ?? [];
  if (token !== undefined) return token;
  const detail = `The header "Authorization: Bearer <${wanted}>" is missing`;
  throw new Refused("not_signed_in", detail);
}

function checked(key: ApiKey, scope: Scope): ApiKey {
  if (allows(key, scope)) return key;
  throw new Refused("not_allowed", `The API key "${key.name}" has not the scope "${scope}"`);
}
