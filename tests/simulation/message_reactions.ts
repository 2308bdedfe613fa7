import type { Message } from "../../server/protocol/message.ts";

/** What is known of a reaction: readers must show it, must not show it, or may show it. */
type ReactionState = "made" | "taken back" | "unknown";

/** The reactions of a run. Each is made once, and perhaps taken back. */
export class MessageReactions {
  readonly #made = new Map<number, Map<string, ReactionState>>();

  /** A person begins to react to a message. */
  begin(id: number, reaction: string): void {
    this.#of(id).set(reaction, "unknown");
  }

  /** A reaction was acknowledged. */
  end(id: number, reaction: string): void {
    this.#of(id).set(reaction, "made");
  }

  /** It was acknowledged that a reaction is taken back. */
  takeBack(id: number, reaction: string): void {
    this.#of(id).set(reaction, "taken back");
  }

  /** Whether somebody has not made a reaction yet. */
  canMake(id: number, reaction: string): boolean {
    return !this.#of(id).has(reaction);
  }

  /** What is wrong with the reactions that a reader shows in the end. */
  complaintAbout(id: number, shown: readonly string[]): string | undefined {
    const made = this.#of(id);
    const missing = [...made].find(([one, state]) => state === "made" && !shown.includes(one));
    if (missing !== undefined) return `without the reaction ${missing[0]}`;
    const extra = shown.find((one) => (made.get(one) ?? "taken back") === "taken back");
    return extra === undefined ? undefined : `with the reaction ${extra}, which nobody has made`;
  }

  #of(id: number): Map<string, ReactionState> {
    let made = this.#made.get(id);
    if (made === undefined) this.#made.set(id, made = new Map());
    return made;
  }
}

/** The name of a reaction. */
export function reactionOf(emoji: string, publicToken: string): string {
  return `${emoji} ${publicToken}`;
}

/** The names of the reactions to a message. */
export function reactionsOf({ reactions = [] }: Message): readonly string[] {
  return reactions.flatMap(({ emoji, by }) => by.map((token) => reactionOf(emoji, token)));
}
