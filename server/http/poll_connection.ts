import type { PollConnection } from "../core/waiting/seat.ts";
import type { Context } from "hono";
import type { Limits } from "./limits/limits.ts";

/** Who waits for the answer to a poll. What is dear to find out is found out when it is asked for. */
export class HttpPollConnection implements PollConnection {
  readonly #c: Context;
  readonly #limits: Limits;

  constructor(c: Context, limits: Limits) {
    this.#c = c;
    this.#limits = limits;
  }

  /** Tells when the client has left. */
  get signal(): AbortSignal {
    return this.#c.req.raw.signal;
  }

  /** Where it is, if limits by address count for it. */
  get network(): string | undefined {
    return this.#limits.networkOf(this.#c);
  }
}
