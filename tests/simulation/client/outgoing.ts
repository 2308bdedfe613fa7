import { HalleyError } from "../../../client/comet/halley.ts";
import type { Ledger } from "../ledger.ts";
import type { Visit } from "./visit.ts";

/** A message of a person that no server has confirmed to them. */
interface Unsent {
  readonly text: string;
  /** What the library is asked to send it to, such as `direct:<public token>`. */
  readonly address: string;
  readonly key: string;
  /** When it was first sent, by the clock of the device that did. */
  firstSentAt: number | undefined;
  /** The tab that sends it. */
  visit: Visit | undefined;
}

export interface OutgoingOptions {
  readonly name: string;
  readonly ledger: Ledger;
  /** The tabs that can send now. */
  readonly awake: () => readonly Visit[];
  readonly isLeaving: () => boolean;
}

/**
 * The outbox of a person, as that of the page: messages to one address are sent one after the other, each by one tab, and
 * those of a tab that is gone by another one, with the same key.
 */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #queues = new Map<string, Unsent[]>();
  #count = 0;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** Whether everything was confirmed. */
  get isEmpty(): boolean {
    return [...this.#queues.values()].every((queue) => queue.length === 0);
  }

  /** `channel`: the channel of the message in the log. */
  write(address: string, channel: string): void {
    const { name, ledger } = this.#options;
    const text = `${name} #${++this.#count}`;
    ledger.onSending({ text, sender: name, channel });
    const queue = this.#queues.get(address) ?? [];
    this.#queues.set(address, queue);
    const key = text.replaceAll(/[ #]+/g, "-");
    queue.push({ text, address, key, firstSentAt: undefined, visit: undefined });
    this.continue();
  }

  /** Sends what can be sent; to be called again when tabs were opened or closed. */
  continue(): void {
    if (this.#options.isLeaving()) return;
    for (const [first] of this.#queues.values()) {
      if (first === undefined || first.visit?.tab.isOpen) continue;
      const visit = this.#options.awake()[0];
      if (visit === undefined) return;
      this.#send(first, visit);
    }
  }

  async #send(message: Unsent, visit: Visit): Promise<void> {
    const { ledger, name, isLeaving } = this.#options;
    const { text, address, key, firstSentAt } = message;
    message.visit = visit;
    message.firstSentAt ??= visit.tab.platform.Date.now();
    try {
      ledger.onAcknowledged(await visit.send(address, text, key, firstSentAt));
    } catch (error) {
      // The recipient has signed out, or this person has.
      const isKnown = error instanceof HalleyError && error.code === "unknown_recipient";
      if (!isKnown && !isLeaving()) ledger.violate("K14", `${name} gave up "${text}": ${error}`);
    }
    this.#queues.get(address)?.shift();
    this.continue();
  }
}
