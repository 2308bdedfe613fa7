import { monotonicNow } from "../../base/clock.ts";
import { DEFAULT_RIGHTS } from "../model/rights.ts";
import type { Session } from "../model/session.ts";

/** A session for a reader with the API key of that name. */
export function apiKeySession(name: string): Session {
  // A public token never contains a colon, so no person can have this one.
  const person = { publicToken: `key:${name}`, displayName: name };
  return {
    ...person,
    person,
    rights: DEFAULT_RIGHTS,
    get seenAt() {
      return monotonicNow();
    },
    startsAfter: 0,
    isApiKey: true,
    hasEnded: false,
  };
}
