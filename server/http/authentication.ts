import type { Context } from "hono";
import type { Hub } from "../core/hub.ts";
import { Refused } from "../core/refusal.ts";
import type { KnownSession } from "../core/sessions.ts";

const BEARER = /^Bearer +([\x21-\x7e]{1,4096}) *$/i;

/** The session whose private token a request bears. Refuses with `not_signed_in`. */
export async function authenticate(hub: Hub, c: Context): Promise<KnownSession> {
  const [, token] = BEARER.exec(c.req.header("authorization") ?? "") ?? [];
  if (token === undefined) {
    throw new Refused(
      "not_signed_in",
      'The header "Authorization: Bearer <privateToken>" is missing',
    );
  }
  return await sessionOf(hub, token);
}

/** The session of a private token. Refuses with `not_signed_in`. */
export async function sessionOf(hub: Hub, privateToken: string): Promise<KnownSession> {
  const session = await hub.sessions.authenticate(privateToken);
  if (session === undefined) {
    throw new Refused("not_signed_in", "The private token is unknown, or its session has ended");
  }
  return session;
}
