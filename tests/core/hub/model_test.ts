import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseCursor } from "../../../server/protocol/cursor.ts";
import type { PollReply } from "../../../server/protocol/replies.ts";
import type { Session } from "../../../server/core/model/session.ts";
import { settle, stopClock, type StoppedClock } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";
import { KEEP_ALL } from "../../support/retention.ts";
import { IN_MEMORY, SqliteStore } from "../../../server/stores/sqlite/sqlite_store.ts";

/** What may happen to a chat, in any order. */
type Step =
  | { readonly does: "send"; readonly room: string; readonly count: number }
  | {
    readonly does: "poll";
    readonly reader: number;
    readonly tab: string;
    readonly isLost: boolean;
  }
  | { readonly does: "leave"; readonly reader: number; readonly tab: string }
  | { readonly does: "trim"; readonly keep: number }
  | { readonly does: "pass"; readonly time: number };

const ROOMS = ["room:tea", "room:milk"];

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constant("send"),
    room: fc.constantFrom(...ROOMS),
    count: fc.integer({ min: 1, max: 130 }),
  }),
  fc.record({
    does: fc.constant("poll"),
    reader: fc.integer({ min: 0, max: 2 }),
    tab: fc.constantFrom("desk", "phone"),
    isLost: fc.boolean(),
  }),
  fc.record({
    does: fc.constant("leave"),
    reader: fc.integer({ min: 0, max: 2 }),
    tab: fc.constantFrom("desk", "phone"),
  }),
  fc.record({ does: fc.constant("trim"), keep: fc.integer({ min: 0, max: 300 }) }),
  fc.record({ does: fc.constant("pass"), time: fc.integer({ min: 1, max: 30_000 }) }),
);

/** One reader of one room, who believes what it is told. */
class ModelReader {
  cursor: string;
  /** The ids of the messages that it was given, in that order. */
  readonly given: number[] = [];
  /** The ids of which it was told that they may be gone. */
  readonly excused = new Set<number>();
  poll: Promise<void> | undefined;
  leaving = new AbortController();

  constructor(
    readonly session: Session,
    readonly tab: string,
    readonly room: string,
    start: string,
  ) {
    this.cursor = start;
  }
}

/** The chat beside its model: all that was sent to each room, and what each reader has. */
class Walk {
  readonly #sent: { readonly id: number; readonly room: string }[] = [];
  /** The trimmed mark of each room. */
  readonly #trimmed = new Map<string, number>();

  private constructor(
    readonly hub: TestHub,
    readonly clock: StoppedClock,
    readonly readers: readonly ModelReader[],
    readonly retention: { maxMessages: number },
  ) {}

  static async start(
    hub: TestHub,
    clock: StoppedClock,
    retention: { maxMessages: number },
  ): Promise<Walk> {
    const readers: ModelReader[] = [];
    for (const room of [...ROOMS, "room:tea"]) {
      const session = await hub.signIn("reader");
      const cursor = await hub.cursor(session);
      for (const tab of ["desk", "phone"]) {
        readers.push(new ModelReader(session, tab, room, cursor));
      }
    }
    const walk = new Walk(hub, clock, readers, retention);
    await hub.store.log.follow(0, (messages) => {
      for (const { id, channel } of messages) walk.#sent.push({ id, room: channel });
    });
    return walk;
  }

  async take(step: Step): Promise<void> {
    if (step.does === "send") await this.#send(step.room, step.count);
    else if (step.does === "poll") this.#poll(this.#reader(step), step.isLost);
    else if (step.does === "leave") this.#reader(step).leaving.abort();
    else if (step.does === "trim") await this.#trim(step.keep);
    else await this.clock.pass(step.time);
    await settle();
  }

  /** Every reader polls until it is told that there is nothing more; then it must have everything. */
  async end(): Promise<void> {
    await this.clock.pass(60_000);
    for (const reader of this.readers) {
      await reader.poll;
      for (let more = true; more;) {
        const answer = this.#request(reader);
        await this.clock.pass(30_000);
        const { outcome } = this.#take(reader, await answer);
        more = outcome === "message";
      }
      const missing = this.#idsIn(reader.room)
        .filter((id) => !reader.given.includes(id) && !reader.excused.has(id));
      assertEquals(missing, [], "a reader is left without messages, and was not told");
    }
    assertEquals(this.hub.hub.parked, 0);
  }

  #reader({ reader, tab }: { reader: number; tab: string }): ModelReader {
    return this.readers[reader * 2 + (tab === "desk" ? 0 : 1)]!;
  }

  async #send(room: string, count: number): Promise<void> {
    const sender = this.readers[0]!.session;
    const sent = Array.from({ length: count }, (_, n) => this.hub.say(sender, room, `${n}`));
    await Promise.all(sent);
  }

  async #trim(keep: number): Promise<void> {
    this.retention.maxMessages = keep;
    while (await this.hub.store.log.trim(Date.now()));
    let kept = 0;
    for (const room of ROOMS) {
      const { trimmedUpTo } = await this.hub.store.log.read([room], 0, 0);
      this.#trimmed.set(room, trimmedUpTo);
      kept += this.#idsIn(room).filter((id) => id > trimmedUpTo).length;
    }
    assertEquals(kept <= keep, true, "more is kept than allowed");
  }

  #poll(reader: ModelReader, isLost: boolean): void {
    if (reader.poll !== undefined) return;
    reader.poll = this.#request(reader).then(
      (answer) => void (isLost || this.#take(reader, answer)),
      () => {},
    ).finally(() => reader.poll = undefined);
  }

  #request(reader: ModelReader): Promise<PollReply> {
    reader.leaving = new AbortController();
    const connection = new Request("http://halley.test", { signal: reader.leaving.signal });
    const { session, cursor, tab, room } = reader;
    return this.hub.poll(session, { cursor, tab, channels: [room], connection });
  }

  #idsIn(room: string): number[] {
    return this.#sent.filter((message) => message.room === room).map(({ id }) => id);
  }

  /** What a reader is given must come next in its room; a gap excuses what was trimmed before it. */
  #take(reader: ModelReader, answer: PollReply): PollReply {
    const given = answer.messages.map(({ id }) => id);
    const last = reader.given.at(-1) ?? 0;
    const trimmed = this.#trimmed.get(reader.room) ?? 0;
    const after = parseCursor(reader.cursor)?.id ?? 0;
    const open = this.#idsIn(reader.room).filter((id) => id > last && !reader.excused.has(id));
    const gone = answer.gap
      ? open.filter((id) => id <= trimmed && id < (given[0] ?? Infinity))
      : [];
    assertEquals(
      answer.gap && after >= trimmed,
      false,
      "a reader that has lost nothing gets a gap",
    );
    for (const id of gone) reader.excused.add(id);
    const expected = open.filter((id) => !gone.includes(id)).slice(0, given.length);
    assertEquals(given, expected, "an answer is not what comes next in the room");
    reader.given.push(...given);
    reader.cursor = answer.cursor;
    return answer;
  }
}

Deno.test("[W5] any walk gives each reader every message of its room, once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      using clock = stopClock();
      const retention = { ...KEEP_ALL };
      const store = SqliteStore.open(IN_MEMORY, retention);
      await using hub = await TestHub.open({ window: { messages: 150, bytes: 20_000 } }, store);
      const walk = await Walk.start(hub, clock, retention);
      for (const step of steps) await walk.take(step);
      await walk.end();
    }),
    { numRuns: 100 },
  );
});
