import { signal } from "@preact/signals";
import type { CometClient, Message } from "../../../client/comet/halley.ts";
import { Outbox } from "../../../client/ui/state/outbox.ts";
import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import { SETTINGS } from "../../support/chat.ts";
import type { Ledger } from "../ledger.ts";
import { DeviceOutbox, type Unsent } from "./device_outbox.ts";
import type { Tab } from "./tab.ts";

export interface VisitOutboxOptions {
  readonly tab: Tab;
  readonly client: CometClient;
  readonly ledger: Ledger;
  readonly random: SeededRandom;
  /** The unsent messages of the person on this device. */
  readonly unsent: Unsent;
  /** Whether the session ends: then messages may fail. */
  readonly isLeaving: () => boolean;
}

/** Failures that nobody can do anything about: the recipient has signed out. */
const EXPECTED_FAILURES: readonly string[] = ["unknown_recipient"];

/** The page's real outbox in one tab. */
export class VisitOutbox {
  readonly #outbox: Outbox;
  readonly #options: VisitOutboxOptions;
  readonly #reported = new Set<string>();

  constructor(options: VisitOutboxOptions) {
    this.#options = options;
    const { tab: { actor, platform }, client, ledger, random, unsent } = options;
    this.#outbox = new Outbox({
      ...{ client, platform },
      store: Promise.resolve(new DeviceOutbox({ actor, platform, random, unsent })),
      journal: unsent.journal,
      settings: signal(SETTINGS),
      onSent: (message) => {
        // Another tab may have sent it, and an administrator have deleted it.
        if (message.deletedAt === undefined) ledger.onAcknowledged(message);
      },
    });
    this.#outbox.pending.subscribe(() => this.#check());
  }

  write(channel: string, text: string): void {
    const { ledger, tab } = this.#options;
    ledger.onSending({ text, sender: tab.device.name, channel });
    this.#outbox.send(channel, text);
  }

  /** A poll has brought a message of this person. */
  onArrived(message: Message): void {
    this.#outbox.markArrived(message);
  }

  /** At the end: whether something still waits. */
  get waiting(): readonly string[] {
    return this.#outbox.pending.value.filter(({ state }) =>
      state === "waiting" || state === "arrived"
    )
      .map(({ text }) => text);
  }

  #check(): void {
    const { ledger, tab, isLeaving } = this.#options;
    for (const { text, state, problem } of this.#outbox.pending.value) {
      if (state !== "failed" && state !== "old" || this.#reported.has(text)) continue;
      this.#reported.add(text);
      ledger.onRefused(text);
      if (isLeaving() || EXPECTED_FAILURES.includes(problem?.code ?? "")) continue;
      ledger.violate("K14", `${tab.actor.name} gave up "${text}": ${state} ${problem?.code ?? ""}`);
    }
  }
}
