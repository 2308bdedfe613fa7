import { Deque } from "../core/deque.ts";
import { steadyNow } from "../core/steady_time.ts";
import type { Retention } from "../core/store.ts";
import type { LogIndex } from "./nats_index.ts";
import { isRefusal, JETSTREAM, type JetStream, type StreamInfo } from "./nats_jetstream.ts";
import { epochOf, renewEpoch } from "./nats_streams.ts";

/** What is watched over. */
export interface VigilParts {
  readonly jetstream: JetStream;
  readonly stream: string;
  readonly retention: Retention;
  readonly onLost: (reason: string) => void;
}

/** A stream that is behind what was seen of it, so many looks in a row, has lost messages. */
const LOOKS = 5;

/** So many steps of trimming are remembered until the keys of their messages have run out. */
const STEPS = 1_000;

/** Sees to it that a log is still the one that was opened, and removes from its stream what nobody needs. */
export class LogVigil {
  readonly epoch: string;
  readonly state: StreamInfo["state"];
  readonly #parts: VigilParts;
  /** What was trimmed, and when the last message of it was stored, at the latest. */
  readonly #steps = new Deque<{ readonly upTo: number; readonly at: number }>();
  #behind = 0;
  #missing = false;

  static async open(parts: VigilParts): Promise<LogVigil> {
    const info = await parts.jetstream.info(parts.stream);
    const epoch = epochOf(info.config);
    if (epoch === undefined) throw new Error(`the stream ${parts.stream} has no epoch`);
    return new LogVigil(parts, { epoch, state: info.state });
  }

  private constructor(
    parts: VigilParts,
    { epoch, state }: { epoch: string; state: StreamInfo["state"] },
  ) {
    this.epoch = epoch;
    this.state = state;
    this.#parts = parts;
  }

  get trouble(): string | undefined {
    return this.#missing ? `The stream ${this.#parts.stream} is missing` : undefined;
  }

  /** Throws while the stream cannot go on after the message `place`; says so when it never will. */
  async check(place: number): Promise<void> {
    const { stream, onLost } = this.#parts;
    const { config, state } = await this.#info();
    if (epochOf(config) !== this.epoch) {
      onLost(`The stream ${stream} is another one now: its log was replaced`);
      throw new Error("The log was replaced");
    }
    if (state.first_seq > place + 1) {
      onLost(`The stream ${stream} has removed messages that this node has not seen`);
      throw new Error("Messages were removed");
    }
    if (state.last_seq >= place) {
      this.#behind = 0;
      return;
    }
    // A leader that has just been elected may still be catching up.
    if (++this.#behind >= LOOKS) await this.#declareLoss(place, state.last_seq);
    throw new Error("The stream is behind");
  }

  /** Removes from the stream what was trimmed from the index, once the keys of those messages count no more. */
  async purge({ trimmed, oldest }: LogIndex): Promise<void> {
    const now = steadyNow();
    if (trimmed > (this.#steps.at(-1)?.upTo ?? 0)) {
      if (this.#steps.length >= STEPS) this.#steps.shift();
      this.#steps.push({ upTo: trimmed, at: oldest ?? now });
    }
    let upTo = 0;
    while ((this.#steps.at(0)?.at ?? Infinity) < now - this.#parts.retention.keyAge) {
      upTo = this.#steps.shift()?.upTo ?? 0;
    }
    if (upTo === 0) return;
    const { jetstream, stream } = this.#parts;
    const { state } = await jetstream.info(stream);
    if (state.first_seq <= upTo) await jetstream.purge(stream, { seq: upTo + 1 });
  }

  async #info(): Promise<StreamInfo> {
    const { jetstream, stream } = this.#parts;
    try {
      const info = await jetstream.info(stream);
      this.#missing = false;
      return info;
    } catch (error) {
      this.#missing = isRefusal(error, JETSTREAM.noStream);
      throw error;
    }
  }

  /** Its ids would be given out again: readers must be told that this is another log. */
  async #declareLoss(place: number, last: number): Promise<void> {
    const { jetstream, stream, onLost } = this.#parts;
    await renewEpoch(jetstream, stream);
    onLost(`The stream ${stream} has lost messages: it ends at ${last}, ${place} was seen`);
  }
}
