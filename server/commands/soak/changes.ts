import type { Api } from "../../../client/comet/api.ts";
import { delay } from "../../base/delay.ts";
import { errorMessage } from "../../base/error_message.ts";
import { isMessage, isNothing } from "../../protocol/guards.ts";
import type { NumberedMessage } from "./checker.ts";
import type { Fault } from "./faults.ts";
import type { MessageState } from "./message_states.ts";
import type { RunContext } from "./run_context.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { RESPONSE_TIMEOUT, untilAnswered } from "./until_answered.ts";

/** What a sender does to a message after it was sent. */
const CHANGES: readonly Fault[] = ["edit", "delete"];

/** Changes are more frequent than faults. */
const WEIGHT = 5;

/** A change begins up to this time (ms) after the message was acknowledged. */
const MAX_WAIT = 2_000;

/** Edits and deletes some messages of a sender, while others are sent. */
export class Changes {
  readonly #api: Api;
  readonly #context: RunContext;
  readonly #running = new Set<Promise<void>>();
  #isRefused = false;

  constructor(api: Api, context: RunContext) {
    this.#api = api;
    this.#context = context;
  }

  /** Perhaps begins to change a message that was acknowledged: to edit it, to delete it, or one after the other. */
  begin(message: NumberedMessage, random: SeededRandom): void {
    const { faults } = this.#context;
    const [first, second] = [0, 1].map(() => faults.draw(random, CHANGES, WEIGHT));
    const waitMs = random.between(0, MAX_WAIT);
    const edits = first === "edit";
    const deletes = first === "delete" || edits && second === "delete";
    if (!edits && !deletes || this.#isRefused) return;
    const running = this.#change(message, { edits, deletes, waitMs });
    this.#running.add(running);
    running.then(() => this.#running.delete(running));
  }

  /** Resolves when the server has responded to all changes, or the run is over. */
  async end(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #change(
    message: NumberedMessage,
    { edits, deletes, waitMs }: {
      readonly edits: boolean;
      readonly deletes: boolean;
      readonly waitMs: number;
    },
  ): Promise<void> {
    const { faults } = this.#context;
    await delay(waitMs, faults.signal);
    if (edits && !await this.#ask(message, "edited")) return;
    if (edits) faults.count("edit");
    if (deletes && await this.#ask(message, "deleted")) faults.count("delete");
  }

  /** Repeats a change until the server has responded. Returns whether it was accepted. */
  async #ask(message: NumberedMessage, state: MessageState): Promise<boolean> {
    const { checker, over, onRemark } = this.#context;
    checker.onChanging(message, state);
    try {
      const isChanged = await untilAnswered(() => this.#request(message, state), over) ?? false;
      if (isChanged) checker.onChanged(message, state);
      return isChanged;
    } catch (error) {
      if (!this.#isRefused) onRemark(`Messages are not changed: ${errorMessage(error)}`);
      this.#isRefused = true;
      return false;
    }
  }

  async #request({ id, sender, n }: NumberedMessage, state: MessageState): Promise<true> {
    const options = { path: `api/messages/${id}`, timeoutMs: RESPONSE_TIMEOUT } as const;
    const { over: signal } = this.#context;
    if (state === "deleted") {
      await this.#api.request({ ...options, signal, method: "DELETE", isReply: isNothing });
      return true;
    }
    const body = { data: { sender, n, edited: true } };
    await this.#api.request({ ...options, signal, method: "PATCH", body, isReply: isMessage });
    return true;
  }
}
