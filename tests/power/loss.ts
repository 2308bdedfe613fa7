import type { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import type { Operation } from "./recording.ts";

type Change = Extract<Operation, { kind: "written" | "truncated" }>;

/** What a disk writes at once, in bytes: a write can be torn between two of them. */
const SECTOR = 512;

/** What remains of changes that were not synced: none, the first ones, any of them, or any sectors; or all. */
const KINDS = ["none", "first", "some", "sectors", "all"] as const;

/** Decides what a power cut leaves of changes that were not synced. */
export class Loss {
  readonly kind: (typeof KINDS)[number];
  readonly #random: SeededRandom;
  /** From this index on, changes are lost. */
  readonly #end: number;

  /** `count` is the number of operations that were recorded. */
  constructor(random: SeededRandom, count: number) {
    this.#random = random;
    this.kind = random.pick(KINDS) ?? "none";
    // Near the end, because most changes are synced soon.
    this.#end = count - Math.floor(random.between(0, 1) ** 3 * Math.min(count, 200));
  }

  /** Whether a change of a folder remains. */
  keepsName(index: number): boolean {
    switch (this.kind) {
      case "none":
        return false;
      case "first":
        return index < this.#end;
      case "some":
      case "sectors":
        return this.#random.next() < 0.5;
      case "all":
        return true;
    }
  }

  /** What remains of a change of a file: all of it, nothing, or some sectors. */
  part(change: Change): boolean | readonly Change[] {
    if (this.kind !== "sectors" || change.kind === "truncated") return this.keepsName(change.index);
    // The file may have grown although the sectors were not written.
    const { offset, bytes } = change;
    const parts: Change[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(SECTOR - (offset + at) % SECTOR, bytes.length - at);
      const part = { ...change, offset: offset + at, bytes: bytes.subarray(at, at + length) };
      if (this.#random.next() < 0.5) parts.push(part);
      at += length;
    }
    return parts;
  }

  /** Anything: what was in shared memory may have been written at any time. */
  garbage(): Uint8Array {
    const bytes = new Uint8Array(Math.floor(this.#random.between(0, 9)) * 8_192);
    for (let at = 0; at < bytes.length; at += 7) bytes[at] = this.#random.next() * 256;
    return bytes;
  }
}
