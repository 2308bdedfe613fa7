/** How a message of a run looks to its readers. */
export type MessageState = "as sent" | "edited" | "deleted";

/** The changes of the messages of a run, by their ids. A message is edited at most once, and perhaps deleted after that. */
export class MessageStates {
  readonly #outcomes = new Map<number, MessageState>();
  readonly #deleting = new Set<number>();
  #count = 0;

  /** The number of changes that the server has acknowledged. */
  get count(): number {
    return this.#count;
  }

  /** The server is asked for a change. Until it is acknowledged, readers may get either state. */
  begin(id: number, state: MessageState): void {
    this.#outcomes.delete(id);
    if (state === "deleted") this.#deleting.add(id);
  }

  /** The change was acknowledged. */
  end(id: number, state: MessageState): void {
    this.#count++;
    this.#outcomes.set(id, state);
  }

  /** Whether readers need not get the message: it is perhaps deleted. */
  mayBeDeleted(id: number): boolean {
    return this.#deleting.has(id);
  }

  /** The messages whose last change was acknowledged, each with what every reader who has it must show in the end. */
  get outcomes(): Iterable<readonly [id: number, state: MessageState]> {
    return this.#outcomes;
  }
}
