import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { API_KEY_PREFIX } from "../../protocol/channel.ts";
import { DEFAULT_RIGHTS } from "../model/rights.ts";
import type { Session } from "../model/session.ts";

/** A session for a reader with the API key of that name. */
export function apiKeySession(name: string, runtime: Runtime = SYSTEM_RUNTIME): Session {
  const person = { publicToken: API_KEY_PREFIX + name, displayName: name };
  return {
    ...person,
    person,
    rights: DEFAULT_RIGHTS,
    get seenAt() {
      return runtime.monotonicNow();
    },
    startsAfter: 0,
    isApiKey: true,
    hasEnded: false,
  };
}
