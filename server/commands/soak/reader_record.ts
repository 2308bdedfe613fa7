import type { SenderStream, TrackedMessage } from "./sender_stream.ts";
import type { Findings } from "./report.ts";

/** So many of a reader's messages before and after a finding are told with it. */
const CONTEXT = 3;

/** What a reader was still waiting for when a gap was told, and the last id that it had. */
interface Gap {
  readonly missing: readonly TrackedMessage[];
  readonly last: number;
}

/** What one reader was given, and what it still waits for. */
export class ReaderRecord {
  readonly name: string;
  readonly #findings: Findings;
  /** Acknowledged and not given yet, with the time of the acknowledgement; the oldest first. */
  readonly #expected = new Map<TrackedMessage, number>();
  /** PendingAck before the sender was told. */
  readonly #early = new Set<TrackedMessage>();
  /** The ids given, rising. */
  #given: number[] = [];
  /** The number of the last message given of each lane. */
  readonly #numbers = new Map<SenderStream, number>();
  /** A gap that was told, until the next message shows how far it reaches. */
  #gap: Gap | undefined;

  constructor(name: string, findings: Findings) {
    this.name = name;
    this.#findings = findings;
  }

  get outstanding(): number {
    return this.#expected.size;
  }

  /** For how long the oldest of what is expected has been acknowledged. */
  lag(now: number): number {
    for (const since of this.#expected.values()) return now - since;
    return 0;
  }

  /** The message was acknowledged. */
  expect(letter: TrackedMessage, now: number): void {
    if (!this.#early.delete(letter)) this.#expected.set(letter, now);
  }

  /** The message was given under that id; returns how long after it was acknowledged. */
  take(letter: TrackedMessage, id: number, now: number): number | undefined {
    this.#closeGap(id);
    const isNew = this.#place(id, letter);
    if (!isNew) return undefined;
    this.#count(letter);
    const since = this.#expected.get(letter);
    this.#expected.delete(letter);
    if (since === undefined && !letter.isAcknowledged) this.#early.add(letter);
    return now - (since ?? now);
  }

  /** A gap was told: what is missing before the next message is excused, and a new log may begin. */
  excuse(): void {
    this.#gap = { missing: [...this.#expected.keys()], last: this.#given.at(-1) ?? 0 };
    this.#given = [];
    this.#numbers.clear();
  }

  /** Tells what is missing now. */
  close(now: number): void {
    this.#closeGap(Infinity);
    for (const [letter, since] of this.#expected) {
      const { n, id, lane } = letter;
      const age = `acknowledged ${Math.round(now - since)} ms ago`;
      const story = `${this.name} was not given ${id} (number ${n} of ${lane.name}), ${age}`;
      this.#findings.find("lost", `${story}; ${this.#contextOf(id)}`);
    }
  }

  #closeGap(next: number): void {
    if (this.#gap === undefined) return;
    const { missing, last } = this.#gap;
    // Ids that begin again are those of a new log: of the old one nothing will come.
    const isNewLog = next <= last;
    for (const letter of missing) {
      if (isNewLog || letter.id < next) this.#expected.delete(letter);
    }
    this.#gap = undefined;
  }

  /** Whether it was not given before. */
  #place(id: number, { n, lane }: TrackedMessage): boolean {
    const last = this.#given.at(-1) ?? -1;
    if (id > last) {
      this.#given.push(id);
      return true;
    }
    const at = this.#indexOf(id);
    const isAgain = this.#given[at] === id;
    const story = `${this.name} was given ${id} (number ${n} of ${lane.name})`;
    const how = isAgain ? "again" : `after ${last}`;
    this.#findings.find(
      isAgain ? "duplicated" : "outOfOrder",
      `${story} ${how}; ${this.#contextOf(id)}`,
    );
    if (!isAgain) this.#given.splice(at, 0, id);
    return !isAgain;
  }

  #count({ n, lane }: TrackedMessage): void {
    const last = this.#numbers.get(lane) ?? 0;
    if (n < last) {
      const story = `${this.name} was given number ${n} of ${lane.name} after number ${last}`;
      this.#findings.find("outOfOrder", story);
    }
    this.#numbers.set(lane, Math.max(n, last));
  }

  /** The first index whose id is not lower. */
  #indexOf(id: number): number {
    let [low, high] = [0, this.#given.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#given[middle] ?? Infinity) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #contextOf(id: number): string {
    const at = this.#indexOf(id);
    const before = this.#given.slice(Math.max(0, at - CONTEXT), at);
    const after = this.#given.slice(at, at + CONTEXT);
    return `it had ${before.join(", ") || "nothing"} before and ${
      after.join(", ") || "nothing"
    } after`;
  }
}
