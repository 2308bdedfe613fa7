import type { Actor } from "../actor.ts";

/** One request of a lock. */
interface Claim {
  readonly owner: Actor;
  readonly name: string;
  readonly hold: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  state: "queued" | "held" | "ended";
}

/**
 * The Web Locks of a device (w3c.github.io/web-locks). They belong to the browser, not to a page: when a page is closed or
 * crashes, its locks are released, whatever its code was doing. A sleeping page keeps them.
 */
export class DeviceLocks {
  readonly #claims: Claim[] = [];

  /** What a page sees as `navigator.locks`. */
  of(owner: Actor) {
    return {
      request: (name: string, options: LockOptions, hold: () => Promise<void>): Promise<void> =>
        new Promise((resolve, reject) => {
          const claim: Claim = { owner, name, hold, resolve, reject, state: "queued" };
          if (options.signal?.aborted) return reject(options.signal.reason);
          options.signal?.addEventListener("abort", () => {
            if (claim.state !== "queued") return;
            this.#end(claim);
            owner.after(0.1, "gives up a lock", () => reject(options.signal?.reason));
          });
          if (options.steal) this.#steal(claim);
          else this.#claims.push(claim);
          this.#grantNext(name);
        }),
    };
  }

  /** The page is gone. */
  release(owner: Actor): void {
    for (const claim of this.#claims.filter((claim) => claim.owner === owner)) {
      this.#end(claim);
      this.#grantNext(claim.name);
    }
  }

  #steal(by: Claim): void {
    for (
      const claim of this.#claims.filter(({ name, state }) => name === by.name && state === "held")
    ) {
      this.#end(claim);
      const error = new DOMException("The lock was stolen", "AbortError");
      claim.owner.after(0.1, `loses the lock ${by.name}`, () => claim.reject(error));
    }
    // Before all that are queued.
    this.#claims.unshift(by);
  }

  #grantNext(name: string): void {
    const claims = this.#claims.filter((claim) => claim.name === name);
    const [first] = claims;
    if (first === undefined || claims.some(({ state }) => state === "held")) return;
    first.state = "held";
    first.owner.after(0.1, `has the lock ${name}`, () => this.#hold(first));
  }

  async #hold(claim: Claim): Promise<void> {
    // Stolen before the page has noticed that it had the lock.
    if (claim.state !== "held") return;
    await claim.hold();
    if (claim.state !== "held") return;
    this.#end(claim);
    claim.resolve();
    this.#grantNext(claim.name);
  }

  #end(claim: Claim): void {
    claim.state = "ended";
    const index = this.#claims.indexOf(claim);
    if (index >= 0) this.#claims.splice(index, 1);
  }
}
