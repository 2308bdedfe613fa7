import type { Context } from "hono";
import type { PollConnection } from "../core/waiting/seat.ts";
import type { Limits } from "./limits/limits.ts";

/** The connection that the request of a poll came on. */
export class HttpPollConnection implements PollConnection {
  readonly #c: Context;
  readonly #limits: Limits;

  constructor(c: Context, limits: Limits) {
    this.#c = c;
    this.#limits = limits;
  }

  get signal(): AbortSignal {
    return this.#c.req.raw.signal;
  }

  get network(): string | undefined {
    return this.#limits.networkOf(this.#c);
  }
}
