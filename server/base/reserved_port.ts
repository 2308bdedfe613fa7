/**
 * A free port on loopback, outside the range from which systems assign ports. Until it is disposed, no other thread or process
 * reserves it, even while nothing listens on it.
 */
export class ReservedPort implements Disposable {
  readonly number: number;
  /** Whoever has reserved a port listens on the one after it. */
  #lock: Deno.Listener | undefined;

  constructor() {
    while (true) {
      const number = FIRST + 2 * Math.floor(Math.random() * COUNT);
      const lock = tryToListen(number + 1);
      if (lock === undefined) continue;
      const listener = tryToListen(number);
      if (listener !== undefined) {
        listener.close();
        this.number = number;
        this.#lock = lock;
        return;
      }
      lock.close();
    }
  }

  [Symbol.dispose](): void {
    this.#lock?.close();
    this.#lock = undefined;
  }
}

const FIRST = 20_000;
const COUNT = 5_000;

function tryToListen(port: number): Deno.Listener | undefined {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}
