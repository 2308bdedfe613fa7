import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Message } from "../../../server/protocol/message.ts";
import { recipientOf } from "../../../server/core/conversations/receipts.ts";
import type { CreatePost } from "../../../server/webhooks/post_event.ts";
import type { WebhookEvent } from "../../../server/webhooks/webhook_event.ts";
import type { Actor } from "../actor.ts";
import type { Coverage } from "../coverage.ts";
import type { Ledger } from "../ledger.ts";
import { visitorRoomOf } from "../rooms.ts";
import { unansweredMessages, wasAnswered } from "../unanswered.ts";
import type { NodeProcess } from "./store_place.ts";

export interface ReceiverOptions {
  readonly actor: Actor;
  readonly seed: number;
  readonly ledger: Ledger;
  readonly coverage: Coverage;
  /** A message whose deletion was acknowledged this long ago must not be told any more, in ms. */
  readonly promptMs: number;
  /** Those who are signed in, by their public tokens. */
  readonly people: ReadonlyMap<string, unknown>;
}

/** What can go wrong with an attempt. */
export const EVENT_FAULTS = [
  /** The connection is refused. */
  "event refused",
  /** The receiver answers 500, before it has done anything. */
  "event fails",
  /** The receiver has the event, but its answer is lost. */
  "answer lost",
  /** The receiver answers too late. */
  "answer late",
] as const;

type EventFault = typeof EVENT_FAULTS[number];

/** How long a way of an attempt takes, in ms. */
const LATENCY = { min: 1, max: 100 } as const;

/** The receiver of webhooks of a back end, which compares what it is told with what has happened. */
export class Receiver {
  /** From now on, nothing goes wrong any more. */
  isCalm = false;
  readonly #options: ReceiverOptions;
  readonly #random: SeededRandom;
  readonly #rate: number;
  /** What each event id stands for. */
  readonly #events = new Map<string, string>();
  readonly #told = new Set<string>();
  /** The public tokens of those for whom messages were alone, by the ids of these. */
  readonly #recipients = new Map<number, string>();
  /** The id after which messages are told; `undefined` as long as that is not known. */
  #after: number | undefined;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed, "receiver");
    this.#rate = this.#random.next() * 0.5;
  }

  /** Posts for one worker. */
  createPost({ actor, runtime }: NodeProcess): CreatePost {
    return ({ timeoutMs }) =>
      Promise.resolve((event, signal) => {
        const { promise, resolve } = Promise.withResolvers<string | undefined>();
        const timer = runtime.setTimeout(() => resolve("no answer"), timeoutMs);
        signal.addEventListener("abort", () => resolve("aborted"));
        const answer = (ms: number, what: string, reason?: string) =>
          void actor.after(ms, what, () => resolve(reason));
        this.#post(structuredClone(event), answer);
        return promise.finally(() => runtime.clearTimeout(timer));
      });
  }

  /** The offset of webhooks in the log was stored: messages up to there are not told, if it is the first one. */
  onOffset(id: number): void {
    this.#after ??= id;
  }

  /** Whether it has received every event. */
  get isComplete(): boolean {
    return this.#missing.length === 0;
  }

  checkEnd(): void {
    const { ledger } = this.#options;
    for (const { rule, what } of this.#missing) {
      ledger.violate(rule, `received no event for ${what}`);
    }
  }

  #post(
    event: WebhookEvent,
    answer: (ms: number, what: string, reason?: string) => void,
  ): void {
    const { actor, coverage } = this.#options;
    const fault = this.#drawFault();
    const [there, back] = [this.#latency(), this.#latency()];
    if (fault !== undefined) coverage.add(fault, [`webhook ${event.type}`]);
    if (fault === "event refused") return answer(there, "is refused", "refused");
    actor.after(there, `gets the event ${event.event}`, () => {
      if (fault === "event fails") return answer(back, "gets 500", "500");
      this.#receive(event);
      if (fault === "answer lost") return;
      answer(fault === "answer late" ? 9_000 + 20 * back : back, "gets 204");
    });
  }

  #drawFault(): EventFault | undefined {
    const [chance, fault] = [this.#random.next(), this.#random.pick(EVENT_FAULTS)];
    return this.isCalm || chance > this.#rate ? undefined : fault;
  }

  #latency(): number {
    return this.#random.between(LATENCY.min, LATENCY.max);
  }

  #receive(event: WebhookEvent): void {
    const { ledger, actor, promptMs } = this.#options;
    if (event.type === "presence") return;
    const { type, message } = event;
    const what = type === "edited" ? `${type} ${message.id}` : `${type} of ${message.id}`;
    this.#checkId(event.event, what);
    this.#told.add(what);
    this.#checkContent(message);
    const recipient = recipientOf(message);
    if (recipient !== undefined) this.#recipients.set(message.id, recipient);
    const deletedAt = ledger.changes.deletedAt(message.id);
    const wasDeleted = deletedAt !== undefined && actor.now - deletedAt > promptMs;
    if (wasDeleted && message.text !== undefined) {
      ledger.violate("I32", `told of ${what}: "${message.text}", which was deleted`);
    }
    if (type === "unanswered") this.#checkUnanswered(message);
    if (type !== "delivered") return;
    const { recipient: { publicToken } } = event;
    if (!ledger.mayHave(publicToken, message.id)) {
      ledger.violate("I4", `told that ${publicToken} has ${message.id}`);
    }
  }

  #checkUnanswered({ id, text, from, channel }: Message): void {
    const { ledger, actor, coverage, promptMs } = this.#options;
    coverage.add("visitor's room", ["unanswered"]);
    const isOwn = from !== undefined && channel === visitorRoomOf(from.publicToken);
    if (isOwn && !wasAnswered(ledger, id, actor.now - promptMs)) return;
    ledger.violate("I34", `told that "${text}" (${id}) in ${channel} is unanswered`);
  }

  /** Events of one id are about the same. */
  #checkId(id: string, what: string): void {
    const before = this.#events.get(id) ?? what;
    this.#events.set(id, what);
    if (before === what) return;
    this.#options.ledger.violate("I12", `the event ${id} is about ${before} and ${what}`);
  }

  #checkContent({ id, channel, text, event }: Message): void {
    if (text === undefined || event !== undefined) return;
    const { ledger } = this.#options;
    const sent = ledger.find(text);
    const isRight = sent !== undefined && sent.channel === channel &&
      (sent.id === undefined || sent.id === id);
    if (!isRight) ledger.violate("I2", `told of "${text}" (${id}) in ${channel}`);
  }

  /** What it should have been told by now. What the log has removed before may be dropped. */
  get #missing(): { readonly rule: string; readonly what: string }[] {
    const { ledger, people } = this.#options;
    if (this.#after === undefined) return [];
    const isMissing = (what: string) => !this.#told.has(what);
    const isSilent = (id: number) =>
      people.has(this.#recipients.get(id) ?? "") && isMissing(`delivered of ${id}`) &&
      isMissing(`undelivered of ${id}`);
    const after = this.#after;
    const unanswered = unansweredMessages(ledger)
      .filter(([id]) => id > after && isMissing(`unanswered of ${id}`))
      .map(([id, { text }]) => ({ rule: "I34", what: `"${text}" (${id}), which is unanswered` }));
    const others = [...ledger.between(after)].flatMap(([id, { text }]) => {
      const outcome = ledger.changes.outcomeOf(id);
      // The ids of changes are not known: what was removed may have been one.
      const hasChange = () => !ledger.hasRemoved(id, id, () => true);
      const mayBeDeleted = ledger.changes.mayBeDeleted(id);
      const missing = [
        ...(!mayBeDeleted && isMissing(`message of ${id}`)
          ? [{ rule: "I12", what: `"${text}" (${id})` }]
          : []),
        ...(!mayBeDeleted && isSilent(id)
          ? [{ rule: "I35", what: `the delivery of "${text}" (${id}), or that there is none` }]
          : []),
        ...(typeof outcome === "string" && isMissing(`edited ${id}`) && hasChange()
          ? [{ rule: "I31", what: `the edit of "${text}" (${id})` }]
          : []),
        ...(outcome === null && isMissing(`deleted of ${id}`) && hasChange()
          ? [{ rule: "I31", what: `the deletion of "${text}" (${id})` }]
          : []),
      ];
      return missing.length > 0 && ledger.isStored(id) ? missing : [];
    });
    return [...unanswered, ...others];
  }
}
