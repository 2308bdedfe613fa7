import { CometClient, type Message } from "../../../client/comet/halley.ts";
import type { Ledger } from "../ledger.ts";
import type { ReaderRecord } from "../reader_record.ts";
import type { Tab } from "./tab.ts";

export const SERVER = "http://halley.test/";

export interface VisitOptions {
  readonly tab: Tab;
  readonly ledger: Ledger;
  readonly publicToken: string;
  readonly privateToken: string;
  readonly rooms: readonly string[];
  /** Whether the person has signed out: only then clients may stop. */
  readonly isLeaving: () => boolean;
}

/** A tab in which a person uses the real client library, until the tab is gone. */
export class Visit {
  readonly tab: Tab;
  readonly client: CometClient;
  readonly #record: ReaderRecord;

  constructor({ tab, ledger, publicToken, privateToken, rooms, isLeaving }: VisitOptions) {
    this.tab = tab;
    const record = this.#record = ledger.addReader({ name: tab.actor.name, publicToken, rooms });
    const { platform } = tab;
    const options = { url: SERVER, privateToken, channels: rooms, platform };
    this.client = new CometClient(options);
    this.client.on("gap", () => record.onGap());
    this.client.on("message", (message) => record.onMessage(message));
    this.client.on("cursor", (cursor) => record.onCursor(cursor));
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
  }

  /** Whether the tab can do something now. */
  get isAwake(): boolean {
    return this.tab.isOpen && !this.tab.actor.isPaused;
  }

  send(channel: string, text: string, key: string, firstSentAt?: number): Promise<Message> {
    return this.client.send({ channel, text, key }, { firstSentAt });
  }

  /** `how`: whether the page is told that it ends. */
  end(how: "close" | "kill"): void {
    this.#record.leave();
    if (how === "close") this.tab.close();
    else this.tab.kill();
  }
}
