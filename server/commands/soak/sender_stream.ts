import type { Findings } from "./report.ts";

/** A message of a sender to a channel, as the referee knows it. */
export interface Letter {
  readonly lane: Lane;
  readonly n: number;
  /** Its place in the log, as it was told first. */
  readonly id: number;
  isAcknowledged: boolean;
}

/** The messages of one sender to one channel, by number. */
export class Lane {
  readonly name: string;
  readonly #findings: Findings;
  readonly #letters: Letter[] = [];
  /** Second places that have been told of already. */
  readonly #doubles = new Set<number>();

  constructor(name: string, findings: Findings) {
    this.name = name;
    this.#findings = findings;
  }

  /** The message number `n`, which is said to have the place `id`. */
  note(n: number, id: number): Letter {
    const known = this.#letters[n];
    if (known === undefined) return this.#add({ lane: this, n, id, isAcknowledged: false });
    if (known.id !== id) this.#double(known, id);
    return known;
  }

  #add(letter: Letter): Letter {
    const { n, id } = letter;
    this.#letters[n] = letter;
    const [before, after] = [this.#letters[n - 1], this.#letters[n + 1]];
    if (before && before.id > id) this.#disorder(before, letter);
    if (after && after.id < id) this.#disorder(letter, after);
    return letter;
  }

  #disorder(one: Letter, next: Letter): void {
    const places = `number ${one.n} has the id ${one.id}, number ${next.n} the id ${next.id}`;
    this.#findings.find("outOfOrder", `of ${this.name}, ${places}`);
  }

  #double({ n, id }: Letter, other: number): void {
    if (this.#doubles.has(other)) return;
    this.#doubles.add(other);
    const story = `of ${this.name}, number ${n} is in the log twice: as ${id} and as ${other}`;
    this.#findings.find("duplicated", story);
  }
}
