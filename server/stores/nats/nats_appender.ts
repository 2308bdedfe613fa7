import { createHash } from "node:crypto";
import { type Draft, encode, keyScopeOf, messageOf } from "../../core/model/message.ts";
import { type Message } from "../../protocol/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Appended } from "../../core/model/store.ts";
import { digestOfDraft } from "../digests.ts";
import {
  ERROR_CODE,
  hasErrorCode,
  type JetStream,
  JetStreamError,
  type PublishAck,
} from "./nats_jetstream.ts";
import { unavailable } from "./nats_client.ts";
import { formatSubject } from "./nats_subjects.ts";

/** What an appender needs. */
export interface AppenderDeps {
  readonly jetstream: JetStream;
  readonly stream: string;
  /** The message with that id, if it is in the stream. */
  readonly get: (id: number) => Promise<Message | undefined>;
  /** Resolves when this node has been given every message up to that id. */
  readonly waitUntilDelivered: (id: number) => Promise<void>;
}

/** How long (ms) an append may take, one try of it, a look whether there is a leader again, and the pause between two. */
const TIME = { limit: 5_000, try: 2_000, look: 500, pause: 100 } as const;

/** So many drafts are on their way at once. */
const ON_THEIR_WAY = 20_000;

/** No stream is so long. */
const IMPOSSIBLE = String(Number.MAX_SAFE_INTEGER);

/** A draft on its way into the stream. */
interface Sending {
  readonly draft: Draft;
  readonly message: Message;
  readonly subject: string;
  readonly payload: string;
  /** The stream takes it once under this id. */
  readonly messageId: string;
}

/** Appends to the stream of a log, again and again under one id until it is known to be there. */
export class NatsAppender implements Disposable {
  readonly #deps: AppenderDeps;
  readonly #end = new AbortController();
  #onTheirWay = 0;
  #trouble: string | undefined;
  #probing: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: AppenderDeps) {
    this.#deps = deps;
  }

  /** Why nothing can be appended now. */
  get unavailableReason(): string | undefined {
    return this.#deps.jetstream.client.unavailableReason ?? this.#trouble;
  }

  async append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    const { unavailableReason: trouble } = this;
    if (trouble !== undefined) throw unavailable(trouble);
    if (this.#onTheirWay + drafts.length > ON_THEIR_WAY) {
      throw unavailable("Too many messages are on their way to NATS");
    }
    this.#onTheirWay += drafts.length;
    try {
      return await this.#append(drafts.map((draft) => this.#prepare(draft)));
    } finally {
      this.#onTheirWay -= drafts.length;
    }
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    clearTimeout(this.#probing);
  }

  async #append(sendings: readonly Sending[]): Promise<readonly Appended[]> {
    const deadline = performance.now() + TIME.limit;
    if (sendings.length > 1 && sendings.some(({ draft }) => draft.key !== undefined)) {
      checkAmongThemselves(sendings);
      await Promise.all(sendings.map((sending) => this.#probe(sending)));
    }
    // Without a pause between them, so that they stand in this order.
    const appended = await Promise.all(sendings.map((one) => this.#send(one, deadline)));
    await this.#deps.waitUntilDelivered(Math.max(0, ...appended.map(({ message }) => message.id)));
    return appended;
  }

  #prepare(draft: Draft): Sending {
    const message = messageOf(draft, 0, Date.now());
    const { json } = encode(message);
    return {
      draft,
      message,
      subject: formatSubject(this.#deps.stream, ...draft.channel.split(":")),
      payload: `{${json.slice('{"id":0,'.length)}`,
      messageId: draft.key === undefined ? crypto.randomUUID() : idOfKey(draft, draft.key),
    };
  }

  /** Refuses when the draft's key was used for something else. Writes nothing. */
  async #probe({ draft, subject, messageId }: Sending): Promise<void> {
    if (draft.key === undefined) return;
    const { jetstream } = this.#deps;
    // JetStream looks for the id first, and then at what it is to expect.
    const headers = { "Nats-Msg-Id": messageId, "Nats-Expected-Last-Sequence": IMPOSSIBLE };
    try {
      const { seq } = await jetstream.publish(subject, "", { headers });
      await this.#earlier(draft, seq);
    } catch (error) {
      if (!hasErrorCode(error, ERROR_CODE.wrongSequence)) throw error;
    }
  }

  async #send(sending: Sending, deadline: number): Promise<Appended> {
    const { draft, message } = sending;
    const nonce = draft.key === undefined ? undefined : crypto.randomUUID();
    const { seq, duplicate = false } = await this.#store(sending, { nonce, deadline });
    if (!duplicate || draft.key === undefined) {
      return { message: { ...message, id: seq }, repeated: false };
    }
    const isOurs = await this.#wasStoredAs(seq, nonce);
    return isOurs
      ? { message: { ...message, id: seq }, repeated: false }
      : { message: await this.#earlier(draft, seq), repeated: true };
  }

  async #store(
    { subject, payload, messageId }: Sending,
    { nonce, deadline }: { nonce: string | undefined; deadline: number },
  ): Promise<PublishAck> {
    const { jetstream } = this.#deps;
    const headers = { "Nats-Msg-Id": messageId, ...(nonce && { "Halley-Try": nonce }) };
    while (true) {
      const limit = Math.min(TIME.try, deadline - performance.now());
      try {
        return await jetstream.publish(subject, payload, { headers, limit });
      } catch (error) {
        // What JetStream has a number for, such as a full disk, will not be otherwise in a moment.
        const isFinal = !(error instanceof Refused) || error instanceof JetStreamError;
        if (isFinal) throw error;
        await this.#pause(deadline, error);
      }
    }
  }

  /** Waits for the next try; throws when there is no time left for one. */
  async #pause(deadline: number, error: Refused): Promise<void> {
    const isLate = performance.now() + TIME.pause > deadline;
    if (isLate) this.#note(error.message);
    if (isLate || this.unavailableReason !== undefined || this.#end.signal.aborted) throw error;
    await new Promise((resolve) => setTimeout(resolve, TIME.pause));
  }

  /** From now on, what comes is refused at once, until the stream answers again. */
  #note(trouble: string): void {
    this.#trouble = trouble;
    this.#probing ??= setTimeout(() => this.#look(), TIME.pause);
  }

  async #look(): Promise<void> {
    const { jetstream, stream } = this.#deps;
    try {
      await jetstream.info(stream, TIME.look);
      this.#trouble = undefined;
      this.#probing = undefined;
    } catch {
      // Whatever it is, it is the trouble that is told already.
      if (this.#end.signal.aborted) return;
      this.#probing = setTimeout(() => this.#look(), TIME.pause);
    }
  }

  /** The message that came first with a draft's key. Refuses when it says something else. */
  async #earlier(draft: Draft, id: number): Promise<Message> {
    const message = await this.#deps.get(id);
    if (message !== undefined && digestOfDraft(message) !== digestOfDraft(draft)) {
      throw reused(draft);
    }
    return message ?? messageOf(draft, id, Date.now());
  }

  /** Whether it is this very append that stored a message, and whose answer got lost. */
  async #wasStoredAs(seq: number, nonce: string | undefined): Promise<boolean> {
    const { jetstream, stream } = this.#deps;
    const stored = await jetstream.get(stream, { seq });
    return nonce !== undefined && stored?.headers.includes(nonce) === true;
  }
}

/** Refuses drafts of one key that say different things. */
function checkAmongThemselves(sendings: readonly Sending[]): void {
  const digests = new Map<string, string>();
  for (const { draft, messageId } of sendings) {
    const digest = digestOfDraft(draft);
    if ((digests.get(messageId) ?? digest) !== digest) throw reused(draft);
    digests.set(messageId, digest);
  }
}

function reused({ key }: Draft): Refused {
  return new Refused("key_reused", `The key "${key}" was used for another message`);
}

function idOfKey(draft: Draft, key: string): string {
  const words = JSON.stringify([keyScopeOf(draft), key]);
  return createHash("sha256").update(words).digest("base64url").slice(0, 22);
}
