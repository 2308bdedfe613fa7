import type { Findings } from "./report.ts";

/** A message of a sender to a channel, as the checker knows it. */
export interface TrackedMessage {
  readonly lane: SenderStream;
  readonly n: number;
  /** Its place in the log, as it was told first. */
  readonly id: number;
  isAcknowledged: boolean;
}

/** The messages of one sender to one channel, by number. */
export class SenderStream {
  readonly name: string;
  readonly #findings: Findings;
  readonly #letters: TrackedMessage[] = [];
  /** Second places that have been told of already. */
  readonly #doubles = new Set<number>();

  constructor(name: string, findings: Findings) {
    this.name = name;
    this.#findings = findings;
  }

  /** The message number `n`, which is said to have the place `id`. */
  note(n: number, id: number): TrackedMessage {
    const known = this.#letters[n];
    if (known === undefined) return this.#add({ lane: this, n, id, isAcknowledged: false });
    if (known.id !== id) this.#double(known, id);
    return known;
  }

  #add(letter: TrackedMessage): TrackedMessage {
    const { n, id } = letter;
    this.#letters[n] = letter;
    const [before, after] = [this.#letters[n - 1], this.#letters[n + 1]];
    if (before && before.id > id) this.#disorder(before, letter);
    if (after && after.id < id) this.#disorder(letter, after);
    return letter;
  }

  #disorder(one: TrackedMessage, next: TrackedMessage): void {
    const places = `number ${one.n} has the id ${one.id}, number ${next.n} the id ${next.id}`;
    this.#findings.find("outOfOrder", `of ${this.name}, ${places}`);
  }

  #double({ n, id }: TrackedMessage, other: number): void {
    if (this.#doubles.has(other)) return;
    this.#doubles.add(other);
    const story = `of ${this.name}, number ${n} is in the log twice: as ${id} and as ${other}`;
    this.#findings.find("duplicated", story);
  }
}
