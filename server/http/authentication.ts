import type { Context } from "hono";
import type { Hub } from "../core/hub.ts";
import { Refused } from "../core/refusal.ts";
import type { KnownSession } from "../core/sessions.ts";
import { allows, type ApiKey, type ApiKeys, type Scope } from "./api_keys.ts";

const BEARER = /^Bearer +([\x21-\x7e]{1,4096}) *$/i;

/** Knows who asks: a session by its private token, a back end or an operator by an API key. */
export class Authentication {
  readonly #hub: Hub;
  readonly #keys: ApiKeys;

  constructor(hub: Hub, keys: ApiKeys) {
    this.#hub = hub;
    this.#keys = keys;
  }

  /** The session whose private token a request bears. Refuses with `not_signed_in`. */
  session(c: Context): KnownSession | Promise<KnownSession> {
    return sessionOf(this.#hub, tokenOf(c, "privateToken"));
  }

  /**
   * The same, or the session of a program that reads with an API key. Refuses with `not_signed_in`, and with
   * `not_allowed` a key without the scope `read`.
   */
  reader(c: Context): KnownSession | Promise<KnownSession> {
    const token = tokenOf(c, "privateToken");
    const session = this.#hub.sessions.authenticate(token);
    // Those who poll all the time are known already, and cost no digest.
    if (!(session instanceof Promise)) return session;
    const key = this.#keys.find(token);
    return key === undefined ? session.then(signedIn) : checked(key, "read").session;
  }

  /** The API key that a request bears. Refuses with `not_signed_in`, and with `not_allowed` without the scope. */
  key(c: Context, scope: Scope): ApiKey {
    const key = this.#keys.find(tokenOf(c, "API key"));
    if (key === undefined) throw new Refused("not_signed_in", "The API key is unknown");
    return checked(key, scope);
  }
}

/** The session of a private token. Refuses with `not_signed_in`. */
export function sessionOf(hub: Hub, privateToken: string): KnownSession | Promise<KnownSession> {
  const session = hub.sessions.authenticate(privateToken);
  return session instanceof Promise ? session.then(signedIn) : session;
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
