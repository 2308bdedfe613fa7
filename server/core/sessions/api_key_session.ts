import { EVERYDAY_RIGHTS } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import { steadyNow } from "../../base/clock.ts";

/** A session for whoever reads with the API key of that name. */
export function apiKeySession(name: string): Session {
  // No public token looks like this, so nobody can be taken for it.
  const person = { publicToken: `key:${name}`, displayName: name };
  return {
    ...person,
    person,
    rights: EVERYDAY_RIGHTS,
    lastSeen: steadyNow(),
    startsAfter: 0,
    isApiKey: true,
    hasEnded: false,
  };
}
