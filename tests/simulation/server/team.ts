import { parseCursor } from "../../../server/protocol/cursor.ts";
import { isMessage, isPollReply } from "../../../server/protocol/guards.ts";
import type { Change, Message, RoomEvent } from "../../../server/protocol/message.ts";
import type { PollReply } from "../../../server/protocol/replies.ts";
import type { ReaderRecord } from "../reader_record.ts";
import { TEAM_ROOMS } from "../rooms.ts";
import type { ProgramReply } from "./link.ts";
import { PatientLink, read } from "./patient_link.ts";
import { keyOf, type ProgramOptions } from "./program.ts";

/** Mean time between two claims or releases of a member, in ms. */
const CLAIM_EVERY_MS = 3_000;

/** One in this many polls is followed by an absence of up to `maxMs`. */
const ABSENCE = { oneIn: 10, maxMs: 8_000 } as const;

/** An event in a room, as a member has received it. */
interface TeamEvent {
  readonly room: string;
  readonly event: RoomEvent;
  readonly member: string | undefined;
}

/**
 * A member of a team, who reads its rooms by pattern, is away for a while, writes, and claims and releases rooms at the same
 * time as others. Each room is made by the first message in it.
 */
export class TeamMember {
  readonly #options: Omit<ProgramOptions, "endsWithinMs">;
  readonly #link: PatientLink;
  /** By their ids in the log. */
  readonly #events = new Map<number, TeamEvent>();
  /** The events that it was told to have sent, by their ids. */
  readonly #told = new Map<number, Omit<TeamEvent, "member">>();
  #reader: ReaderRecord | undefined;
  #cursor: string | undefined;
  /** The id of its first cursor: it does not get what was before. */
  #start: number | undefined;
  #turn = 0;
  #sent = 0;
  #asking = 0;
  /** Whether a poll has reported a gap, in which events may be missing. */
  #hasMissed = false;

  constructor(options: Omit<ProgramOptions, "endsWithinMs">) {
    this.#options = options;
    this.#link = new PatientLink(options);
  }

  /** Whether all its messages and events have been answered. */
  get isComplete(): boolean {
    return this.#asking === 0;
  }

  /** Whether it has received what another one was told to have sent. */
  hasEventsOf(other: TeamMember): boolean {
    return Math.max(0, ...other.#told.keys()) <= (parseCursor(this.#cursor ?? "")?.id ?? 0);
  }

  async run(): Promise<void> {
    const { actor: { name }, ledger } = this.#options;
    const publicToken = await this.#link.signIn();
    this.#reader = ledger.addReader({
      ...{ name, publicToken, rooms: [TEAM_ROOMS] },
      notices: false,
    });
    await Promise.all([this.#read(), this.#write(), this.#claim()]);
  }

  /** At the end: both must see the same, and what one of them was told to have claimed must count. */
  checkEnd(other: TeamMember): void {
    const { ledger, actor: { name } } = this.#options;
    const start = Math.max(this.#start ?? Infinity, other.#start ?? Infinity);
    if (this.#hasMissed || other.#hasMissed) return;
    const known = [this, other].flatMap((member) => [...member.#told, ...member.#events]);
    // What has happened in a room before one of them was there is not known.
    const isUnknown = (id: number) => id <= start || !ledger.isStored(id);
    const unknown = new Set(known.flatMap(([id, { room }]) => isUnknown(id) ? [room] : []));
    const claims = this.#claims(unknown);
    for (const [id, { room, event }] of [...this.#told, ...other.#told]) {
      if (event !== "claimed" || unknown.has(room) || claims.has(id)) continue;
      ledger.violate("D34", `somebody was told to have claimed ${room} (${id}), which is not so`);
    }
    const [own, others] = [claims, other.#claims(unknown)].map((all) => JSON.stringify([...all]));
    if (own !== others) ledger.violate("D34", `${name} sees the claims ${own}, not ${others}`);
  }

  /** The claims that count, by their ids: the first one in the log until a release. */
  #claims(without: ReadonlySet<string>): Map<number, string> {
    const claimed = new Set<string>();
    const found = new Map<number, string>();
    const inOrder = [...this.#events].toSorted(([one], [other]) => one - other);
    for (const [id, { room, event, member }] of inOrder) {
      if (without.has(room)) continue;
      if (event === "claimed" && !claimed.has(room)) found.set(id, `${room} ${member}`);
      if (event === "claimed") claimed.add(room);
      else claimed.delete(room);
    }
    return found;
  }

  async #read(): Promise<void> {
    for (;;) {
      const body = {
        channels: [TEAM_ROOMS],
        notices: false,
        tab: "1",
        turn: ++this.#turn,
        hold: this.#link.random.next() < 0.3 ? 1_000 : 25_000,
        ...(this.#cursor !== undefined && { cursor: this.#cursor }),
      };
      const answer = await this.#link.ask({ method: "POST", path: "/api/poll", body });
      const reply = read(answer, isPollReply);
      if (reply.outcome === "cancelled") await this.#link.wait(500);
      else await this.#receive(reply, answer);
      if (this.#link.random.next() * ABSENCE.oneIn > 1) continue;
      await this.#link.wait(this.#link.random.next() * ABSENCE.maxMs);
    }
  }

  async #receive(reply: PollReply, answer: ProgramReply): Promise<void> {
    if (reply.gap) {
      this.#hasMissed = true;
      this.#reader?.onGap();
    }
    for (const message of reply.messages) {
      if (message.event === undefined) this.#reader?.onMessage(message, answer);
      else this.#onEvent(message, message.event);
    }
    for (const change of reply.changes ?? []) this.#onChange(change);
    this.#cursor = reply.cursor;
    this.#start ??= parseCursor(reply.cursor)?.id;
    this.#reader?.onCursor(reply.cursor);
    if (reply.retryAfter > 0) await this.#link.wait(reply.retryAfter);
  }

  #onEvent({ id, channel: room, from }: Message, event: RoomEvent): void {
    this.#events.set(id, { room, event, member: from?.displayName });
  }

  #onChange(change: Change): void {
    const { id, deletedAt } = change.message;
    if (deletedAt !== undefined) this.#events.delete(id);
    this.#reader?.onChange(change);
  }

  async #write(): Promise<void> {
    const { actor, ledger, sendEveryMs, sendsUntil } = this.#options;
    for (;;) {
      await this.#link.waitForNext(sendEveryMs);
      if (actor.now > sendsUntil) return;
      const text = `${actor.name} #${++this.#sent}`;
      const channel = this.#pickRoom();
      ledger.onSending({ text, sender: actor.name, channel });
      const answer = await this.#send({ channel, text, key: keyOf(text) }, [200, 201]);
      ledger.onAcknowledged({ ...read<Message>(answer, isMessage), text });
    }
  }

  async #claim(): Promise<void> {
    const { actor, sendsUntil } = this.#options;
    for (let n = 1;; n++) {
      await this.#link.waitForNext(CLAIM_EVERY_MS);
      if (actor.now > sendsUntil) return;
      const channel = this.#pickRoom();
      const event = this.#link.random.next() < 0.7 ? "claimed" : "released";
      const body = { channel, event, key: `${keyOf(actor.name)}-event-${n}` };
      // 422: nobody has claimed it.
      const answer = await this.#send(body, [200, 201, 409, 422]);
      if (answer.status > 201) continue;
      const { id, deletedAt } = read<Message>(answer, isMessage);
      if (deletedAt === undefined) this.#told.set(id, { room: channel, event });
    }
  }

  async #send(body: unknown, accepted: readonly number[]): Promise<ProgramReply> {
    this.#asking++;
    const request = { method: "POST", path: "/api/messages", body };
    const answer = await this.#link.ask(request, [...accepted]);
    this.#asking--;
    return answer;
  }

  /** There are ever more rooms. */
  #pickRoom(): string {
    const count = 2 + Math.floor(this.#options.actor.now / 5_000);
    return TEAM_ROOMS.replace("*", String(Math.floor(this.#link.random.next() * count)));
  }
}
