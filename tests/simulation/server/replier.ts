import { isMessage } from "../../../server/protocol/guards.ts";
import type { Message } from "../../../server/protocol/message.ts";
import type { Coverage } from "../coverage.ts";
import type { References } from "../message_references.ts";
import type { ProgramRequest } from "./link.ts";
import { PatientLink, read } from "./patient_link.ts";
import { keyOf, type ProgramOptions } from "./program.ts";

export interface ReplierOptions extends ProgramOptions {
  readonly coverage: Coverage;
}

/** Number of the newest messages of a room that it replies to: some are edited or deleted at that moment. */
const NEWEST = 8;

/** How often it sends a stored message again, from 0 to 1, and after which time in ms at the latest. */
const AGAIN = { rate: 0.3, withinMs: 3_000 } as const;

/**
 * Somebody who replies to the messages of others in rooms, also to deleted ones, and mentions people. Sometimes it sends a
 * message again, whose reply it has, as a client does that has lost the reply.
 */
export class Replier {
  readonly #options: ReplierOptions;
  readonly #link: PatientLink;
  #sent = 0;
  #isSending = false;

  constructor(options: ReplierOptions) {
    this.#options = options;
    this.#link = new PatientLink(options);
  }

  /** Whether its last message was answered. */
  get isComplete(): boolean {
    return !this.#isSending;
  }

  async run(): Promise<void> {
    const { actor, rooms, sendEveryMs, sendsUntil } = this.#options;
    await this.#link.signIn();
    for (;;) {
      await this.#link.waitForNext(sendEveryMs);
      if (actor.now > sendsUntil) return;
      const channel = this.#link.random.pick(rooms) ?? "room:lobby";
      this.#isSending = true;
      await this.#send(channel);
      this.#isSending = false;
    }
  }

  async #send(channel: string): Promise<void> {
    const { actor, ledger, coverage } = this.#options;
    const references = this.#pickReferences(channel);
    const { replyTo = 0 } = references;
    const wasDeleted = ledger.changes.deletedAt(replyTo) !== undefined;
    const text = `${actor.name} #${++this.#sent}`;
    ledger.onSending({ text, sender: actor.name, channel, ...references });
    const request = {
      method: "POST",
      path: "/api/messages",
      body: { channel, text, key: keyOf(text), ...references },
    };
    const answer = await this.#link.ask(request, [200, 201, 404]);
    const isStored = answer.status < 300;
    for (const name of Object.keys(references)) {
      coverage.add(name, [isStored ? "stored" : "refused"]);
    }
    if (!isStored) return ledger.onRefused(text, this.#isAlone ? "A12" : undefined);
    ledger.onAcknowledged({ ...read<Message>(answer, isMessage), text });
    if (wasDeleted && this.#isAlone) {
      ledger.violate("A10", `"${text}" replies to ${replyTo}, which was deleted before`);
    }
    if (this.#isAlone && this.#link.random.next() < AGAIN.rate) {
      await this.#sendAgain(text, request);
    }
  }

  /** What it answers can be gone by then. */
  async #sendAgain(text: string, request: ProgramRequest): Promise<void> {
    const { ledger } = this.#options;
    await this.#link.wait(AGAIN.withinMs * this.#link.random.next());
    const answer = await this.#link.ask(request, [200, 404]);
    if (answer.status === 404) return ledger.violate("A12", `"${text}" is stored, and was refused`);
    ledger.onAcknowledged({ ...read<Message>(answer, isMessage), text });
  }

  /** Whether there is one hub only, which knows at once what was deleted. */
  get #isAlone(): boolean {
    return this.#options.endsWithinMs === 0;
  }

  #pickReferences(channel: string): References {
    const { ledger, people } = this.#options;
    const { random } = this.#link;
    const [isReply, isMention] = [random.next() < 0.7, random.next() < 0.5];
    const replyTo = random.pick(ledger.idsIn(channel).slice(-NEWEST));
    const person = random.pick([...people.keys()]);
    return {
      ...(isReply && replyTo !== undefined && { replyTo }),
      ...(isMention && person !== undefined && { mentions: [person] }),
    };
  }
}
