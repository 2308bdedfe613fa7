import type { Context } from "hono";
import type { Hub } from "../core/hub.ts";
import { Refused } from "../core/refusal.ts";
import type { KnownSession } from "../core/sessions.ts";
import { allows, type ApiKey, type ApiKeys, type Scope } from "./api_keys.ts";
import type { Demand, Limits } from "./limits/limits.ts";

const BEARER = /^Bearer +([\x21-\x7e]{1,4096}) *$/i;

/** What says who asks, and how often one may. */
export interface AuthenticationParts {
  readonly hub: Hub;
  readonly keys: ApiKeys;
  readonly limits: Limits;
}

/**
 * Knows who asks: a session by its private token, a back end or an operator by an API key. Whoever asks too often is
 * refused with `too_many_requests`.
 */
export class Authentication {
  readonly #hub: Hub;
  readonly #keys: ApiKeys;
  readonly #limits: Limits;

  constructor({ hub, keys, limits }: AuthenticationParts) {
    this.#hub = hub;
    this.#keys = keys;
    this.#limits = limits;
  }

  /** The session whose private token a request bears. Refuses with `not_signed_in`. */
  session(c: Context, demand: Demand = "calls"): KnownSession | Promise<KnownSession> {
    return this.sessionOf(c, tokenOf(c, "privateToken"), demand);
  }

  /** The session of a private token, for a request that bears it. Refuses with `not_signed_in`. */
  sessionOf(c: Context, token: string, demand: Demand): KnownSession | Promise<KnownSession> {
    const session = this.#hub.sessions.authenticate(token);
    return session instanceof Promise
      ? session.then((found) => this.#admit(c, signedIn(found), demand))
      : this.#admit(c, session, demand);
  }

  /**
   * The same, or the session of a program that reads with an API key. Refuses with `not_signed_in`, and with
   * `not_allowed` a key without the scope `read`.
   */
  reader(c: Context, demand: Demand = "calls"): KnownSession | Promise<KnownSession> {
    const token = tokenOf(c, "privateToken");
    const session = this.#hub.sessions.authenticate(token);
    // Those who poll all the time are known already, and cost no digest.
    if (!(session instanceof Promise)) return this.#admit(c, session, demand);
    const key = this.#keys.find(token);
    if (key !== undefined) return this.#admitKey(key, "read").session;
    return session.then((found) => this.#admit(c, signedIn(found), demand));
  }

  /** The API key that a request bears. Refuses with `not_signed_in`, and with `not_allowed` without the scope. */
  key(c: Context, scope: Scope): ApiKey {
    const key = this.#keys.find(tokenOf(c, "API key"));
    if (key === undefined) throw new Refused("not_signed_in", "The API key is unknown");
    return this.#admitKey(key, scope);
  }

  #admit(c: Context, session: KnownSession, demand: Demand): KnownSession {
    this.#limits.checkSession(c, session, demand);
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

function signedIn(session: KnownSession | undefined): KnownSession {
  if (session !== undefined) return session;
  throw new Refused("not_signed_in", "The private token is unknown, or its session has ended");
}

function checked(key: ApiKey, scope: Scope): ApiKey {
  if (allows(key, scope)) return key;
  throw new Refused("not_allowed", `The API key "${key.name}" has not the scope "${scope}"`);
}
