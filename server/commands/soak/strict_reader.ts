import { isPollReply } from "../../protocol/guards.ts";
import { isFinal, readError, retryAfterOf } from "../../../client/comet/halley_error.ts";
import type { PollReply } from "../../protocol/replies.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Fault } from "./faults.ts";
import { pause } from "./pause.ts";
import { parsePlaced } from "./placed.ts";
import type { Reader, ReaderOptions } from "./reader.ts";
import type { ReaderRecord } from "./reader_record.ts";
import type { RunContext } from "./run_context.ts";

/** What this reader does to itself. */
const FAULTS: readonly Fault[] = ["abort", "late", "twin-poll", "slow", "away", "forget"];

/** Asks the proxy to hold a poll back until it has been given up. */
export const HOLD_BACK = { name: "x-soak", value: "late" } as const;

/** A poll is given up so many ms after its hold. */
const GRACE = 3_000;

/** A failed poll is repeated after at most so many ms. */
const LONGEST_REST = 250;

/** How a poll is made. */
interface Manner {
  /** PendingAck up after so many ms. */
  readonly within?: number;
  readonly isSlow?: boolean;
  readonly isHeldBack?: boolean;
}

/**
 * Reads as docs/API.md tells a client to, and nothing more: it believes whole replies alone, remembers nothing but its
 * cursor, and removes no repetitions. So it sees what the server really says.
 */
export class StrictReader implements Reader {
  readonly name: string;
  readonly #options: ReaderOptions;
  readonly #stage: RunContext;
  readonly #chance: SeededRandom;
  readonly #record: ReaderRecord;
  #cursor: string | undefined;
  #turn = Date.now();
  #isStopped = false;

  constructor(options: ReaderOptions, stage: RunContext) {
    this.name = options.name;
    this.#options = options;
    this.#stage = stage;
    this.#chance = new SeededRandom(stage.seed, options.name);
    this.#record = stage.checker.enter(options.name, options.reads);
  }

  async enter(): Promise<void> {
    while (this.#cursor === undefined && !this.#isStopped) this.#use(await this.#poll());
  }

  async run(): Promise<void> {
    const { faults, over } = this.#stage;
    while (!over.aborted && !this.#isStopped) {
      const reply = await this.#pollWith(faults.draw(this.#chance, FAULTS));
      this.#use(reply);
      if (reply !== undefined && reply.retryAfter > 0) await pause(reply.retryAfter, over);
    }
  }

  hurry(): void {}

  /** The reply that this reader will know of, if there is one. */
  #pollWith(fault: Fault | undefined): Promise<PollReply | undefined> {
    switch (fault) {
      case "abort":
        return this.#poll({ within: this.#chance.between(2, 300) });
      case "late":
        return this.#poll({ within: this.#chance.between(20, 200), isHeldBack: true });
      case "twin-poll":
        return this.#pollTwice();
      case "slow":
        return this.#pollSlowly();
      case "away":
        return this.#stayAway();
      case "forget":
        return this.#pollAndForget();
      default:
        return this.#poll();
    }
  }

  /** Two polls of this tab at once; the one with the higher turn is in force, whichever arrives first. */
  async #pollTwice(): Promise<PollReply | undefined> {
    const isInOrder = this.#chance.next() < 0.5;
    const [low, high] = [++this.#turn, ++this.#turn];
    const first = this.#ask(isInOrder ? low : high);
    const second = this.#ask(isInOrder ? high : low);
    const [loser, winner] = isInOrder ? [first, second] : [second, first];
    this.#stage.faults.count("twin-poll");
    loser.catch(() => {}); // It may fail in its own way: nobody waits for it.
    return await this.#outcome(winner);
  }

  async #pollSlowly(): Promise<PollReply | undefined> {
    const wait = this.#chance.between(100, 1_000);
    this.#stage.faults.count("slow");
    const reply = await this.#poll({ isSlow: true });
    await pause(wait, this.#stage.faults.signal);
    return reply;
  }

  async #stayAway(): Promise<PollReply | undefined> {
    this.#stage.faults.count("away");
    await pause(this.#chance.between(1_000, 5_000), this.#stage.faults.signal);
    return await this.#poll();
  }

  async #pollAndForget(): Promise<undefined> {
    const reply = await this.#poll();
    if (reply !== undefined && reply.messages.length > 0) this.#stage.faults.count("forget");
  }

  #poll(manner: Manner = {}): Promise<PollReply | undefined> {
    return this.#outcome(this.#ask(++this.#turn, manner), manner);
  }

  /** The reply, if it came; else rests, or stops if it must. */
  async #outcome(
    asked: Promise<PollReply>,
    { within, isHeldBack }: Manner = {},
  ): Promise<PollReply | undefined> {
    try {
      const reply = await asked;
      if (reply.outcome !== "cancelled") return reply;
      this.#stop(`its newest poll was cancelled (${reply.reason})`);
    } catch (error) {
      if (isFinal(error)) return void this.#stop(`it was refused: ${error.message}`);
      const isOwnDoing = within !== undefined && isTimeout(error);
      if (isOwnDoing && !isHeldBack) this.#stage.faults.count("abort");
      if (isOwnDoing) return undefined;
      await pause(retryAfterOf(error) || Math.random() * LONGEST_REST, this.#stage.over);
    }
  }

  /** One poll. Throws what `fetch` throws, a `HalleyError` if it is turned down, and a `TimeoutError` if it is late. */
  async #ask(turn: number, manner: Manner = {}): Promise<PollReply> {
    const { privateToken, rooms: channels, tab, hold } = this.#options;
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${privateToken}`,
      ...(manner.isHeldBack && { [HOLD_BACK.name]: HOLD_BACK.value }),
    };
    const cursor = this.#cursor;
    const body = JSON.stringify({ channels, tab, turn, hold, ...(cursor && { cursor }) });
    using deadline = new Deadline(manner.within ?? hold + GRACE, this.#stage.over);
    const { signal } = deadline;
    const url = `${this.#stage.url}api/poll`;
    const response = await fetch(url, { method: "POST", headers, body, signal });
    if (!response.ok) throw await readError(response);
    const reply = JSON.parse(await (manner.isSlow ? readSlowly(response) : response.text()));
    if (!isPollReply(reply)) throw new Error("Cannot read the reply to a poll");
    return reply;
  }

  #use(reply: PollReply | undefined): void {
    if (reply === undefined) return;
    const { checker } = this.#stage;
    const now = performance.now();
    if (reply.gap) checker.gap(this.#record);
    for (const message of reply.messages) {
      const placed = parsePlaced(message);
      if (placed) checker.give(this.#record, placed, now);
    }
    this.#cursor = reply.cursor;
  }

  #stop(why: string): undefined {
    this.#isStopped = true;
    this.#stage.remark(`${this.name} stopped: ${why}`);
  }
}

/** Aborts with a `TimeoutError` after so many ms, or with `over`, until it is disposed of. */
class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #over: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #end = () => this.#controller.abort();

  constructor(milliseconds: number, over: AbortSignal) {
    const late = new DOMException(`No answer within ${milliseconds} ms`, "TimeoutError");
    this.#timer = setTimeout(() => this.#controller.abort(late), milliseconds);
    this.#over = over;
    over.addEventListener("abort", this.#end);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#over.removeEventListener("abort", this.#end);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

async function readSlowly(response: Response): Promise<string> {
  let text = "";
  for await (
    const part of (response.body ?? new Blob().stream()).pipeThrough(new TextDecoderStream())
  ) {
    text += part;
    await pause(Math.random() * 100);
  }
  return text;
}
