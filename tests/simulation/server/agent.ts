import { isPollReply, isRecord } from "../../../server/protocol/guards.ts";
import type { PollReply } from "../../../server/protocol/replies.ts";
import { KEYS, SUPPORT } from "../../support/chat.ts";
import type { Coverage } from "../coverage.ts";
import type { ReaderRecord } from "../reader_record.ts";
import { VISITOR_ROOMS } from "../rooms.ts";
import type { ProgramReply } from "./link.ts";
import { PatientLink, read } from "./patient_link.ts";
import { keyOf, type ProgramOptions } from "./program.ts";

export interface AgentOptions extends Omit<ProgramOptions, "endsWithinMs"> {
  readonly coverage: Coverage;
}

/** A back end that reads the rooms of all visitors by pattern, and answers some of their messages. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #link: PatientLink;
  readonly #reader: ReaderRecord;
  /** The rooms in which somebody has written, the newest last. */
  readonly #rooms: string[] = [];
  #cursor: string | undefined;
  #turn = 0;
  #sent = 0;
  #isAnswering = false;

  constructor(options: AgentOptions) {
    const { actor: { name }, ledger } = options;
    this.#options = options;
    this.#link = new PatientLink(options);
    const rooms = [VISITOR_ROOMS];
    this.#reader = ledger.addReader({ name, publicToken: name, rooms, notices: false });
  }

  /** Whether its last answer was stored. */
  get isComplete(): boolean {
    return !this.#isAnswering;
  }

  async run(): Promise<void> {
    await Promise.all([this.#read(), this.#answer()]);
  }

  async #read(): Promise<void> {
    for (;;) {
      const body = {
        channels: [VISITOR_ROOMS],
        notices: false,
        tab: "1",
        turn: ++this.#turn,
        ...(this.#cursor !== undefined && { cursor: this.#cursor }),
      };
      const request = { method: "POST", path: "/api/poll", body, token: KEYS.admin };
      const answer = await this.#link.ask(request);
      const reply = read(answer, isPollReply);
      if (reply.outcome === "cancelled") await this.#link.wait(500);
      else await this.#receive(reply, answer);
    }
  }

  async #receive(reply: PollReply, answer: ProgramReply): Promise<void> {
    if (reply.gap) this.#reader.onGap();
    for (const message of reply.messages) {
      // The room of somebody who was erased is closed.
      if (message.event !== undefined) continue;
      this.#reader.onMessage(message, answer);
      this.#rooms.push(message.channel);
    }
    for (const change of reply.changes ?? []) this.#reader.onChange(change);
    this.#cursor = reply.cursor;
    this.#reader.onCursor(reply.cursor);
    if (reply.retryAfter > 0) await this.#link.wait(reply.retryAfter);
  }

  async #answer(): Promise<void> {
    const { actor, ledger, coverage, sendEveryMs, sendsUntil } = this.#options;
    for (;;) {
      await this.#link.waitForNext(sendEveryMs);
      if (actor.now > sendsUntil) return;
      const channel = this.#link.random.pick(this.#rooms.slice(-3));
      if (channel === undefined) continue;
      const text = `${actor.name} #${++this.#sent}`;
      const message = { to: channel, text, key: keyOf(text), as: SUPPORT.displayName };
      this.#isAnswering = true;
      ledger.onSending({ text, sender: actor.name, channel });
      const body = { messages: [message] };
      const request = { method: "POST", path: "/api/publish", body, token: KEYS.publish };
      const { json } = await this.#link.ask(request);
      this.#isAnswering = false;
      const [published]: unknown[] = isRecord(json) && Array.isArray(json.messages)
        ? json.messages
        : [];
      if (!isRecord(published) || typeof published.id !== "number") {
        throw new Error(`an answer with an invalid body: ${JSON.stringify(json)}`);
      }
      ledger.onAcknowledged({ id: published.id, channel, text });
      coverage.add("visitor's room", ["answered"]);
    }
  }
}
