import type { Context } from "hono";
import type { PollConnection } from "../core/waiting/seat.ts";
import type { Session } from "../core/model/session.ts";
import type { Limits } from "./limits/limits.ts";

/**
 * A portion that a poll reads from the store counts as this many more polls: most polls are answered from memory, which
 * costs that much less.
 */
const POLLS_PER_PORTION = 16;

/** A poll with this number of channels that the last one of its tab did not have counts as one more: they are listed anew. */
const NEW_CHANNELS_PER_POLL = 2;

/** The connection that the request of a poll came on. */
export class HttpPollConnection implements PollConnection {
  readonly #c: Context;
  readonly #limits: Limits;
  readonly #session: Session;

  constructor(c: Context, limits: Limits, session: Session) {
    this.#c = c;
    this.#limits = limits;
    this.#session = session;
  }

  get signal(): AbortSignal {
    return this.#c.req.raw.signal;
  }

  get network(): string | undefined {
    return this.#limits.networkOf(this.#c);
  }

  get address(): string | undefined {
    return this.#limits.addressOf(this.#c);
  }

  onPortion(): void {
    this.#charge(POLLS_PER_PORTION);
  }

  onNewChannels(channels: number): void {
    this.#charge(Math.floor(channels / NEW_CHANNELS_PER_POLL));
  }

  #charge(count: number): void {
    if (count > 0) this.#limits.charge(this.#c, this.#session, { kind: "polls", count });
  }
}
