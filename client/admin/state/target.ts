import type { LiveSession } from "../../../server/protocol/admin_replies.ts";
import type { Person } from "../../../server/protocol/message.ts";

/** What an action of the administrator is about, as the forms have it. `name` is empty until it is chosen. */
export interface Target {
  readonly kind: TargetKind;
  /** The public token of a session, the id of a user, the name of a room, an address. */
  readonly name: string;
  /** Of a session that was found by its name. */
  readonly displayName?: string;
  /** The network from which the session polls. */
  readonly address?: string | undefined;
}

export type TargetKind = "everyone" | "session" | "user" | "room" | "address";

/** Whether a target is complete. */
export function isComplete({ kind, name }: Target): boolean {
  return kind === "everyone" || name.trim() !== "";
}

/** The recipient of a publication. */
export function recipientOf({ kind, name }: Target): string {
  return kind === "everyone" ? kind : `${kind}:${name.trim()}`;
}

/** A session as a target. */
export function targetOf(
  { publicToken, displayName, tabs = [] }: Person & Partial<Pick<LiveSession, "tabs">>,
): Target {
  const address = tabs.find((tab) => tab.address !== undefined)?.address;
  return { kind: "session", name: publicToken, displayName, address };
}
