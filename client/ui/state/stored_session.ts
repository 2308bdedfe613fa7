import { isPerson, isRecord } from "../../../server/protocol/guards.ts";
import type { Person } from "../../comet/halley.ts";
import type { StoredValue } from "../storage/stored_value.ts";

/** The session of a guest. Versions before 0.2 stored it without the server's settings. */
export interface StoredSession extends Person {
  readonly privateToken: string;
  readonly settings?: unknown;
}

export function isStoredSession(value: unknown): value is StoredSession {
  return isPerson(value) && isRecord(value) && typeof value.privateToken === "string";
}

/** Stores the name that a session has now, for the next page. */
export function storeName(
  { publicToken, displayName }: Person,
  stored: StoredValue<StoredSession>,
): void {
  const session = stored.read();
  if (session?.publicToken !== publicToken || session.displayName === displayName) return;
  stored.write({ ...session, displayName });
}
