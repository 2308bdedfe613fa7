import { Api } from "../../../client/comet/api.ts";
import { delay } from "../../base/delay.ts";
import { errorMessage } from "../../base/error_message.ts";
import { isRecord } from "../../protocol/guards.ts";
import { CommandError } from "../command_error.ts";
import type { RunContext } from "./run_context.ts";
import { SeededRandom } from "./seeded_random.ts";
import { type Pacer, Sender } from "./sender.ts";
import { RESPONSE_TIMEOUT, untilAnswered } from "./until_answered.ts";
import type { SignIns, User } from "./users.ts";

/** How the leavers of a run sign in, and what they write to. */
export interface LeaversOptions {
  readonly signIns: SignIns;
  /** The API key that may erase people. */
  readonly adminKey: string;
  readonly rooms: readonly string[];
  readonly pacer: Pacer;
}

/** How often (ms) to decide whether somebody comes. The weight compensates for deciding less often than once per poll. */
const INTERVAL = 500;
const WEIGHT = 10;

/** How long (ms) a leaver writes, to how many rooms, and the time (ms) between two messages to one of them. */
const STAY = { min: 500, max: 3_000 } as const;
const ROOMS = 2;
const SEND_INTERVAL = 200;

/** How often (ms) to ask whether an erasure is done. */
const ASK_INTERVAL = 200;

/** People who write for a while and are then erased, while others write. */
export class Leavers {
  readonly #options: LeaversOptions;
  readonly #context: RunContext;
  readonly #random: SeededRandom;

  constructor(options: LeaversOptions, context: RunContext) {
    this.#options = options;
    this.#context = context;
    this.#random = new SeededRandom(context.seed, "leavers");
  }

  /** Lets people come until `end` is aborted. Resolves when all are erased, or the run is over. */
  async run(end: AbortSignal): Promise<void> {
    const leaving: Promise<void>[] = [];
    for (let n = 1; !end.aborted; n++) {
      await delay(INTERVAL, end);
      const isDue = this.#context.faults.draw(this.#random, ["erase"], WEIGHT) !== undefined;
      if (isDue) leaving.push(this.#visit(`leaver-${n}`));
    }
    await Promise.all(leaving);
  }

  async #visit(name: string): Promise<void> {
    const { rooms, pacer } = this.#options;
    const { seed, checker, faults } = this.#context;
    const random = new SeededRandom(seed, name);
    const first = Math.floor(random.between(0, rooms.length));
    const channels = [...rooms, ...rooms].slice(first, first + Math.min(ROOMS, rooms.length));
    const stayMs = random.between(STAY.min, STAY.max);
    try {
      const user = await this.#signIn();
      if (user === undefined) return;
      const sender = { name, user, channels, interval: SEND_INTERVAL, pacer };
      await (await Sender.open(sender, this.#context)).run(AbortSignal.timeout(stayMs));
      checker.onErasing(name);
      const isErased = await this.#erase(user.publicToken);
      if (!isErased) return;
      checker.onErased(name);
      faults.count("erase");
    } catch (error) {
      checker.onStopped(`${name} could not be erased: ${errorMessage(error)}`);
    }
  }

  /** Signs a new user in, as soon as the server is there; `undefined` if the run is over. */
  async #signIn(): Promise<User | undefined> {
    const { url, over } = this.#context;
    while (!over.aborted) {
      try {
        return await this.#options.signIns.signIn(url, "soak leaver");
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
      }
    }
    return undefined;
  }

  /** Erases a person. Resolves when that is done; with `false` if the run is over before. */
  async #erase(publicToken: string): Promise<boolean> {
    const api = new Api({ url: this.#context.url, privateToken: this.#options.adminKey });
    const path = `api/sessions/${publicToken}?erase=true`;
    let erasure = await this.#ask(api, { method: "DELETE", path });
    while (erasure?.state === "running") {
      await delay(ASK_INTERVAL, this.#context.over);
      erasure = await this.#ask(api, { method: "GET", path: `api/erasures/${publicToken}` });
    }
    return erasure !== undefined;
  }

  #ask(
    api: Api,
    request: { readonly method: "DELETE" | "GET"; readonly path: string },
  ): Promise<Erasure | undefined> {
    const { over: signal } = this.#context;
    const options = { isReply: isErasure, timeoutMs: RESPONSE_TIMEOUT, signal } as const;
    return untilAnswered(() => api.request({ ...request, ...options }), signal);
  }
}

interface Erasure {
  readonly state: "running" | "done";
}

function isErasure(value: unknown): value is Erasure {
  return isRecord(value) && (value.state === "running" || value.state === "done");
}
