import { CometClient } from "../../../client/comet/halley.ts";
import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Ledger } from "../ledger.ts";
import type { ReaderRecord } from "../reader_record.ts";
import type { Unsent } from "./device_outbox.ts";
import type { Tab } from "./tab.ts";
import { VisitOutbox } from "./visit_outbox.ts";

export const SERVER = "http://halley.test/";

/** A private token, or a page of an application that gets tokens for its user. */
export type Access =
  | { readonly privateToken: string }
  | { readonly getToken: () => Promise<string | undefined>; readonly user: string };

export interface VisitOptions {
  readonly tab: Tab;
  readonly ledger: Ledger;
  readonly publicToken: string;
  readonly access: Access;
  readonly rooms: readonly string[];
  /** Where to start; without it, at the newest message. */
  readonly cursor: string | undefined;
  readonly random: SeededRandom;
  /** The unsent messages of the person on this device. */
  readonly unsent: Unsent;
  /** Whether the person has signed out: only then clients may stop. */
  readonly isLeaving: () => boolean;
}

/** A tab in which a person uses the real client library, until the tab is gone. */
export class Visit {
  readonly tab: Tab;
  readonly client: CometClient;
  readonly outbox: VisitOutbox;
  readonly #options: VisitOptions;
  readonly #record: ReaderRecord;
  #takesNotices: boolean;

  constructor(visit: VisitOptions) {
    const { tab, ledger, publicToken, access, rooms, isLeaving } = visit;
    this.#options = visit;
    this.tab = tab;
    const { name } = tab.actor;
    const notices = this.#takesNotices = !this.#isWidget;
    const record = this.#record = ledger.addReader({
      ...{ name, publicToken, rooms, notices },
      sharesPolls: true,
    });
    const { platform } = tab;
    const { cursor } = visit;
    if (cursor !== undefined) record.onCursor(cursor);
    const options = {
      ...{ url: SERVER, channels: rooms, notices, platform, ...access },
      ...(cursor !== undefined && { cursor }),
    };
    this.client = new CometClient(options);
    this.client.on("gap", () => record.onGap());
    this.outbox = new VisitOutbox({ ...visit, client: this.client });
    this.client.on("message", (message) => {
      record.onMessage(message);
      if (message.from?.publicToken === publicToken) this.outbox.onArrived(message);
    });
    this.client.on("change", (change) => record.onChange(change));
    this.client.on("cursor", (cursor) => {
      record.onCursor(cursor);
      tab.device.cursor = cursor;
    });
    this.client.on("refused", ({ channel, code }) => {
      ledger.violate("K14", `${tab.actor.name} may not read ${channel}: ${code}`);
    });
    this.client.on("state", (state) => {
      tab.actor.note(`is ${state.name}`);
      if (state.name !== "stopped") return;
      if (isLeaving()) record.leave();
      else record.onStopped(`${state.reason} ${state.problem?.detail ?? ""}`);
    });
    this.client.startWaiting();
    // As the page does, which has stored the settings of the last time.
    this.client.settings().catch(() => {});
  }

  /** Whether the tab can do something now. */
  get isAwake(): boolean {
    return this.tab.isOpen && !this.tab.actor.isPaused;
  }

  /** Reads a room that it does not read, or stops reading it. Some tabs then also take notices, or none any more. */
  toggle(room: string): void {
    this.#setReading(room, !this.client.channels.includes(room));
    if (!this.#isWidget) return;
    this.#takesNotices = !this.#takesNotices;
    this.#setReading("notice", this.#takesNotices);
  }

  /** Whether it takes no notices at first. Not drawn by lot, so that seeds keep their meaning. */
  get #isWidget(): boolean {
    return /[02468]$/.test(this.tab.actor.name);
  }

  #setReading(room: string, isRead: boolean): void {
    const { client } = this;
    this.tab.actor.note(`${isRead ? "joins" : "leaves"} ${room}`);
    if (isRead) {
      this.#record.join(room);
      client.join(room);
    } else {
      this.#record.leaveRoom(room);
      client.leave(room);
    }
  }

  /** Compares a page of a room's history with what was acknowledged before. */
  async checkHistory(room: string, limit: number): Promise<void> {
    const { ledger, tab } = this.#options;
    const expected = ledger.idsIn(room);
    const { deleted } = ledger.changes;
    try {
      const { messages, more } = await this.client.history(room, { limit });
      const found = messages.map(({ id }) => id);
      const isSorted = found.every((id, n) => n === 0 || id < (found[n - 1] ?? 0));
      if (!isSorted) {
        ledger.violate("L4", `${tab.actor.name} got ${found} as the history of ${room}`);
      }
      for (const { channel, text } of messages) {
        if (channel === room && ledger.find(text)?.channel === room) continue;
        ledger.violate("R1", `${tab.actor.name} got "${text}" in the history of ${room}`);
      }
      const oldest = more ? found.at(-1) ?? 0 : 0;
      const undead = found.filter((id) => deleted.has(id));
      if (undead.length > 0) {
        ledger.violate("L23", `${tab.actor.name} got ${undead} of ${room}, which are deleted`);
      }
      const missing = expected.filter((id) =>
        id >= oldest && !found.includes(id) && ledger.isStored(id) &&
        !ledger.changes.mayBeDeleted(id)
      );
      if (missing.length > 0) {
        ledger.violate("L4", `${tab.actor.name} got a history of ${room} without ${missing}`);
      }
    } catch (error) {
      // The library does not repeat it.
      tab.actor.note(`gets no history: ${error}`);
    }
  }

  /** `how`: whether the page is told that it ends. */
  end(how: "close" | "kill"): void {
    this.#record.leave();
    if (how === "close") this.tab.close();
    else this.tab.kill();
  }
}
