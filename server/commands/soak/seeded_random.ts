/** Pseudo-random numbers that depend only on a seed and a name: the same two give the same numbers. */
export class SeededRandom {
  #state: number;

  constructor(seed: number, name: string) {
    this.#state = hash(`${seed}/${name}`);
  }

  /** A number from 0 to 1, excluding 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A number from `min` to `max`, excluding `max`. */
  between(min: number, max: number): number {
    return min + (max - min) * this.next();
  }

  /** One of the items; `undefined` if there are none. Draws exactly one number. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.next() * items.length)];
  }
}

/** A 32-bit hash of a text (FNV-1a). */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (const character of text) {
    bits = Math.imul(bits ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return bits;
}
