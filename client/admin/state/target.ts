/** What an action of the administrator is about, as the forms have it. `name` is empty until it is chosen. */
export interface Target {
  readonly kind: TargetKind;
  /** The public token of a session, the id of a user, the name of a room, an address. */
  readonly name: string;
  /** Of a session that was found by its name. */
  readonly displayName?: string;
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
  { publicToken, displayName }: { readonly publicToken: string; readonly displayName: string },
): Target {
  return { kind: "session", name: publicToken, displayName };
}
