import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { API_KEY_PREFIX } from "../../protocol/channel.ts";
import type { Rights } from "../model/rights.ts";
import type { Session } from "../model/session.ts";

export interface ApiKeySessionOptions {
  readonly rights: Rights;
  readonly runtime?: Runtime | undefined;
}

/** A session for a reader with the API key of that name. */
export function apiKeySession(
  name: string,
  { rights, runtime = SYSTEM_RUNTIME }: ApiKeySessionOptions,
): Session {
  const person = { publicToken: API_KEY_PREFIX + name, displayName: name };
  return {
    ...person,
    person,
    rights,
    get seenAt() {
      return runtime.monotonicNow();
    },
    startsAfter: 0,
    isApiKey: true,
    hasEnded: false,
  };
}
