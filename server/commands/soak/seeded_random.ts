/** Random decisions that depend on nothing but a seed and a name: the same two decide the same again. */
export class SeededRandom {
  #state: number;

  constructor(seed: number, name: string) {
    this.#state = hash(`${seed}/${name}`);
  }

  /** From 0 up to 1, without 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A number from `least` up to `most`, with a fraction. */
  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  /** One of them; `undefined` if there are none. Draws one number in any case. */
  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.next() * from.length)];
  }
}

/** 32 bits of a text (FNV-1a). */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (const character of text) {
    bits = Math.imul(bits ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return bits;
}
