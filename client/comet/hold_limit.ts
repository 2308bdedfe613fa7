import { HOLD } from "../../server/protocol/limits.ts";
import { HalleyError } from "./halley_error.ts";
import type { Platform } from "./platform.ts";

/** A poll that failed earlier than this, in ms, was not cut off because it was held. */
const MIN_HELD = 3_000;

/** The part of the time after which a poll was cut off that the next ones are held. */
const SAFETY = 0.8;

/** How long a limit is remembered, in ms: the gateway may be gone, or a laptop in another network. */
const MEMORY = 3_600_000;

/** Two polls that failed after the same time, up to this difference in ms, have met the same limit. */
const TOLERANCE = 1_000;

/** What a gateway answers when the server behind it takes too long: 524 is Cloudflare's. */
const GATEWAY_TIMEOUTS: readonly number[] = [408, 504, 524];

/** How long the path to the server allows a poll to be held: `PollLoop` learns it from polls that were cut off. */
export class HoldLimit {
  readonly #platform: Platform;
  #limit: { readonly ms: number; readonly until: number } | undefined;
  #lastHeldMs = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** The hold of the next poll, if the client asks for `hold`. */
  apply(hold: number | undefined): number | undefined {
    if (this.#limit === undefined || this.#platform.Date.now() >= this.#limit.until) return hold;
    return Math.min(hold ?? HOLD.max, this.#limit.ms);
  }

  /** To be called when a poll that was sent at `sentAt` has failed. */
  onFailure(error: unknown, sentAt: number): void {
    const heldMs = this.#platform.Date.now() - sentAt;
    const isForeign = error instanceof TypeError ||
      (error instanceof HalleyError && error.code === "unexpected_answer");
    if (!isForeign || heldMs < MIN_HELD) return;
    const isTimeout = error instanceof HalleyError && GATEWAY_TIMEOUTS.includes(error.status);
    const isRepeated = Math.abs(heldMs - this.#lastHeldMs) <= TOLERANCE;
    this.#lastHeldMs = heldMs;
    if (!isTimeout && !isRepeated) return;
    const ms = Math.min(HOLD.max, Math.max(HOLD.min, Math.floor(heldMs * SAFETY)));
    this.#limit = { ms, until: this.#platform.Date.now() + MEMORY };
  }
}
