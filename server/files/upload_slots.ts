import { Refused } from "../core/model/refused.ts";

/** Maximum number of uploads at the same time: of one owner, of one network, and of all. */
const MAX = { owner: 4, network: 16, all: 64 } as const;

/** Who uploads. */
export interface Uploader {
  /** The public token of a session, or the name of an API key. */
  readonly owner: string;
  /** The network that the request comes from; `undefined` if limits per address do not apply. */
  readonly network?: string | undefined;
}

/** Counts the uploads that are running, so that nobody takes the places of all others. */
export class UploadSlots {
  readonly #running = new Map<string, number>();

  /** Counts an upload until the result is disposed. Refuses with `too_many_requests`. */
  take({ owner, network }: Uploader): Disposable {
    const places = [
      { name: "all", max: MAX.all },
      { name: `owner ${owner}`, max: MAX.owner },
      ...(network === undefined ? [] : [{ name: `network ${network}`, max: MAX.network }]),
    ];
    if (places.some(({ name, max }) => this.#count(name) >= max)) {
      throw new Refused("too_many_requests", "Too many files are uploaded at the same time", 1_000);
    }
    for (const { name } of places) this.#running.set(name, this.#count(name) + 1);
    return {
      [Symbol.dispose]: () => {
        for (const { name } of places) {
          const left = this.#count(name) - 1;
          if (left > 0) this.#running.set(name, left);
          else this.#running.delete(name);
        }
      },
    };
  }

  #count(name: string): number {
    return this.#running.get(name) ?? 0;
  }
}
