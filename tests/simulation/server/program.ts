import { isMessage, isPollReply } from "../../../server/protocol/guards.ts";
import type { Message } from "../../../server/protocol/message.ts";
import type { ReaderRecord } from "../reader_record.ts";
import { visitorRoomOf } from "../rooms.ts";
import type { ProgramReply } from "./link.ts";
import { PatientLink, type PatientLinkOptions, read } from "./patient_link.ts";

/** Somebody with a session, which others can end. */
export interface Someone {
  /** Its name as a sender, if it sends with nothing else than this session. */
  readonly sender?: string;
  /** From now on, somebody ends the session. */
  onEnding(): void;
  /** The session has ended: checks that it has. */
  checkEnded(): Promise<void>;
}

export interface ProgramOptions extends PatientLinkOptions {
  readonly rooms: readonly string[];
  /** Whether everyone has a room as a visitor. */
  readonly hasVisitors: boolean;
  /** Mean time between two messages, in ms. */
  readonly sendEveryMs: number;
  /** Nobody starts a message after this simulated time. */
  readonly sendsUntil: number;
  /** Those who are signed in, by their public tokens. */
  readonly people: Map<string, Someone>;
  /** A session that has ended is refused everywhere after this time in ms. */
  readonly endsWithinMs: number;
}

/**
 * A program that uses the API without the library, as docs/API.md describes it: it signs in, polls with its cursor, and
 * repeats a message with the same key until it has a reply. So the server is also tested where the library is patient.
 */
export class Program implements Someone {
  readonly #options: ProgramOptions;
  readonly #link: PatientLink;
  #publicToken = "";
  #rooms: readonly string[];
  #reader: ReaderRecord | undefined;
  #cursor: string | undefined;
  #turn = 0;
  #sent = 0;
  #isSending = false;
  #isChecking = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#rooms = options.rooms;
    this.#link = new PatientLink(options);
  }

  get sender(): string {
    return this.#options.actor.name;
  }

  /** Whether all its messages have been answered, and the end of its session was checked. */
  get isComplete(): boolean {
    return !this.#isSending && !this.#isChecking;
  }

  async run(): Promise<void> {
    const { actor: { name }, ledger, rooms, hasVisitors, people } = this.#options;
    const publicToken = this.#publicToken = await this.#link.signIn();
    people.set(publicToken, this);
    if (hasVisitors) this.#rooms = [...rooms, visitorRoomOf(publicToken)];
    this.#reader = ledger.addReader({ name, publicToken, rooms: this.#rooms });
    await Promise.all([this.#read(), this.#send()]);
  }

  async signOut(): Promise<void> {
    if (this.#publicToken === "") return;
    this.onEnding();
    const request = { method: "DELETE", path: "/api/session" };
    await this.#link.ask(request, [204, 401]);
    await this.checkEnded();
  }

  onEnding(): void {
    this.#link.isEnding = this.#isChecking = true;
    this.#reader?.leave();
    this.#options.people.delete(this.#publicToken);
  }

  async checkEnded(): Promise<void> {
    const { actor: { name }, ledger, endsWithinMs } = this.#options;
    await this.#link.wait(endsWithinMs);
    for (let n = 0; n < 5; n++) {
      const request = { method: "GET", path: "/api/session" };
      const { status } = await this.#link.ask(request, [200, 401]);
      if (status === 200) ledger.violate("S2", `${name} is signed in, but its session has ended`);
      await this.#link.wait(2_000 * this.#link.random.next());
    }
    this.#isChecking = false;
  }

  async #read(): Promise<void> {
    for (;;) {
      const body = {
        channels: this.#rooms,
        tab: "1",
        turn: ++this.#turn,
        hold: this.#link.random.next() < 0.3 ? 1_000 : 25_000,
        ...(this.#cursor !== undefined && { cursor: this.#cursor }),
      };
      const request = { method: "POST", path: "/api/poll", body };
      const answer = await this.#link.ask(request, [200, 401]);
      if (answer.status !== 200) return this.#onStopped(answer);
      const reply = read(answer, isPollReply);
      if (this.#link.isEnding) {
        if (reply.outcome === "cancelled") return;
        continue;
      }
      if (reply.outcome === "cancelled") {
        // A repeated request of an earlier poll can be the later one for a moment.
        if (reply.reason !== "superseded") return this.#onStopped(answer);
        await this.#link.wait(500);
        continue;
      }
      if (reply.gap) this.#reader?.onGap();
      for (const message of reply.messages) this.#reader?.onMessage(message, answer);
      for (const change of reply.changes ?? []) this.#reader?.onChange(change);
      this.#cursor = reply.cursor;
      this.#reader?.onCursor(reply.cursor);
      if (reply.retryAfter > 0) await this.#link.wait(reply.retryAfter);
    }
  }

  #onStopped(answer: ProgramReply): void {
    if (!this.#link.isEnding) this.#reader?.onStopped(JSON.stringify(answer.json));
  }

  async #send(): Promise<void> {
    const { actor, ledger, sendEveryMs, sendsUntil } = this.#options;
    for (;;) {
      await this.#link.waitForNext(sendEveryMs);
      if (actor.now > sendsUntil || this.#link.isEnding) return;
      const text = `${actor.name} #${++this.#sent}`;
      const { address, channel } = this.#recipient();
      this.#isSending = true;
      ledger.onSending({ text, sender: actor.name, channel });
      const answer = await this.#link.ask({
        method: "POST",
        path: "/api/messages",
        body: { channel: address, text, key: keyOf(text) },
      }, [200, 201, 401, 404]);
      this.#isSending = false;
      // The recipient may have signed out.
      if (answer.status < 300) ledger.onAcknowledged({ ...read<Message>(answer, isMessage), text });
    }
  }

  #recipient(): { readonly address: string; readonly channel: string } {
    const { people } = this.#options;
    const others = [...people.keys()].filter((token) => token !== this.#publicToken);
    const isDirect = this.#link.random.next() < 0.3;
    const person = this.#link.random.pick(others);
    const room = this.#link.random.pick(this.#rooms) ?? "room:lobby";
    if (!isDirect || person === undefined) return { address: room, channel: room };
    const pair = [this.#publicToken, person].sort();
    return { address: `direct:${person}`, channel: `direct:${pair.join(":")}` };
  }
}

/** The idempotency key of a message. */
export function keyOf(text: string): string {
  return text.replaceAll(/[ #]+/g, "-");
}
