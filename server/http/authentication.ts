import type { Context } from "hono";
import type { Hub } from "../core/hub.ts";
import { Refused } from "../core/refusal.ts";
import type { KnownSession } from "../core/sessions.ts";

const BEARER = /^Bearer +([\x21-\x7e]{1,4096}) *$/i;

/** The session whose private token a request bears. Refuses with `not_signed_in`. */
export function authenticate(hub: Hub, c: Context): KnownSession | Promise<KnownSession> {
  const [, token] = BEARER.exec(c.req.raw.headers.get("authorization") ?? "") ?? [];
  if (token === undefined) {
    throw new Refused(
      "not_signed_in",
      'The header "Authorization: Bearer <privateToken>" is missing',
    );
  }
  return sessionOf(hub, token);
}

/** The session of a private token. Refuses with `not_signed_in`. */
export function sessionOf(hub: Hub, privateToken: string): KnownSession | Promise<KnownSession> {
  const session = hub.sessions.authenticate(privateToken);
  return session instanceof Promise ? session.then(signedIn) : session;
}

function signedIn(session: KnownSession | undefined): KnownSession {
  if (session !== undefined) return session;
  throw new Refused("not_signed_in", "The private token is unknown, or its session has ended");
}
