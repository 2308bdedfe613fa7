import type { Message } from "../../server/protocol/message.ts";

/** The reactions of a run. Each is made once: a request that a proxy repeats late would undo what was taken back. */
export class MessageReactions {
  /** Whether each reaction to a message was acknowledged. */
  readonly #made = new Map<number, Map<string, boolean>>();

  /** A person begins to react to a message. */
  begin(id: number, reaction: string): void {
    this.#of(id).set(reaction, false);
  }

  /** A reaction was acknowledged. */
  end(id: number, reaction: string): void {
    this.#of(id).set(reaction, true);
  }

  /** Whether somebody has not made a reaction yet. */
  canMake(id: number, reaction: string): boolean {
    return !this.#of(id).has(reaction);
  }

  /** What is wrong with the reactions that a reader shows in the end. */
  complaintAbout(id: number, shown: readonly string[]): string | undefined {
    const made = this.#of(id);
    const missing = [...made].find(([one, isKnown]) => isKnown && !shown.includes(one));
    if (missing !== undefined) return `without the reaction ${missing[0]}`;
    const extra = shown.find((one) => !made.has(one));
    return extra === undefined ? undefined : `with the reaction ${extra}, which nobody has made`;
  }

  #of(id: number): Map<string, boolean> {
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
