import { Deque } from "../../base/deque.ts";
import type { Refused } from "../../core/model/refused.ts";
import { wallNow } from "../../base/clock.ts";
import type { Retention } from "../../core/model/store.ts";
import type { LogIndex } from "./nats_log_index.ts";
import { ERROR_CODE, hasErrorCode, type JetStream, type StreamInfo } from "./nats_jetstream.ts";
import { unavailable } from "./nats_client.ts";
import { epochOf, renewEpoch } from "./nats_streams.ts";

/** What is watched over. */
export interface StreamGuardDeps {
  readonly jetstream: JetStream;
  readonly stream: string;
  readonly retention: Retention;
  readonly onLost: (reason: string) => void;
}

/** A stream that is behind what was seen of it for so long (ms) has lost messages: a new leader catches up sooner. */
const PATIENCE = 6_000;

/** A look may take so long (ms): whoever looks, looks again. */
const LIMIT = 1_500;

/** So many steps of trimming are remembered until the keys of their messages have run out. */
const STEPS = 1_000;

/** Sees to it that a log is still the one that was opened, and removes from its stream what nobody needs. */
export class StreamGuard {
  readonly epoch: string;
  readonly state: StreamInfo["state"];
  readonly #deps: StreamGuardDeps;
  /** What was trimmed, and when the last message of it was stored, at the latest. */
  readonly #steps = new Deque<{ readonly upTo: number; readonly at: number }>();
  /** Since when the stream is behind, by the steady clock. */
  #behindSince: number | undefined;
  #missing = false;

  static async open(deps: StreamGuardDeps): Promise<StreamGuard> {
    const info = await deps.jetstream.info(deps.stream);
    const epoch = epochOf(info.config);
    if (epoch === undefined) throw new Error(`the stream ${deps.stream} has no epoch`);
    return new StreamGuard(deps, { epoch, state: info.state });
  }

  private constructor(
    deps: StreamGuardDeps,
    { epoch, state }: { epoch: string; state: StreamInfo["state"] },
  ) {
    this.epoch = epoch;
    this.state = state;
    this.#deps = deps;
  }

  get unavailableReason(): string | undefined {
    return this.#missing ? `The stream ${this.#deps.stream} is missing` : undefined;
  }

  /**
   * How far the stream reaches. Refuses while it cannot go on after the message `place`, and says so when it never will.
   */
  async check(place: number): Promise<StreamInfo["state"]> {
    const { stream } = this.#deps;
    const { config, state } = await this.#info();
    if (epochOf(config) !== this.epoch) {
      throw this.#lose(`The stream ${stream} is another one now: its log was replaced`);
    }
    if (state.first_seq > place + 1) {
      throw this.#lose(`The stream ${stream} has removed messages that this node has not seen`);
    }
    if (state.last_seq >= place) {
      this.#behindSince = undefined;
      return state;
    }
    this.#behindSince ??= performance.now();
    if (performance.now() - this.#behindSince < PATIENCE) {
      throw unavailable(`The stream ${stream} is behind: it ends at ${state.last_seq}`);
    }
    // Its ids would be given out again: readers must be told that this is another log.
    await renewEpoch(this.#deps.jetstream, stream);
    throw this.#lose(`The stream ${stream} has lost messages: it ends before ${place}`);
  }

  /** Removes from the stream what was trimmed from the index, once the keys of those messages count no more. */
  async purge(
    { trimmedUpTo: trimmed, oldestTime: oldest }: LogIndex,
    { first, now }: { readonly first: number; readonly now: number },
  ): Promise<void> {
    if (trimmed > (this.#steps.at(-1)?.upTo ?? 0)) {
      if (this.#steps.length >= STEPS) this.#steps.shift();
      this.#steps.push({ upTo: trimmed, at: oldest ?? wallNow() });
    }
    let upTo = 0;
    while ((this.#steps.at(0)?.at ?? Infinity) < now - this.#deps.retention.keyAgeMs) {
      upTo = this.#steps.shift()?.upTo ?? 0;
    }
    const { jetstream, stream } = this.#deps;
    if (first <= upTo) await jetstream.purge(stream, { seq: upTo + 1 });
  }

  async #info(): Promise<StreamInfo> {
    const { jetstream, stream } = this.#deps;
    try {
      const info = await jetstream.info(stream, LIMIT);
      this.#missing = false;
      return info;
    } catch (error) {
      this.#missing = hasErrorCode(error, ERROR_CODE.noStream);
      throw error;
    }
  }

  #lose(reason: string): Refused {
    this.#deps.onLost(reason);
    return unavailable(reason);
  }
}
