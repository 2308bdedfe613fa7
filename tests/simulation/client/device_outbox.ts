import type { OutboxEntry, OutboxStore } from "../../../client/ui/storage/outbox_store.ts";
import type { Journal } from "../../../client/ui/storage/chat_storage.ts";
import { memoryValue } from "../../../client/ui/storage/stored_value.ts";
import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { SimulatedPlatform } from "./simulated_platform.ts";

export interface DeviceOutboxOptions {
  readonly actor: Actor;
  readonly platform: SimulatedPlatform;
  readonly random: SeededRandom;
  /** All tabs of the device have the same. */
  readonly unsent: Unsent;
}

/** What the database of a device has for a session. Transactions happen one after the other, in the order of their start. */
export class Unsent {
  /** By key. */
  readonly entries = new Map<string, OutboxEntry>();
  readonly journal = memoryValue<Journal>();
  readonly #database: Actor;
  #busyUntil = 0;

  constructor(database: Actor) {
    this.#database = database;
  }

  /** Whether a message waits to be sent. */
  get isWaiting(): boolean {
    return [...this.entries.values()].some(({ problem }) => problem === undefined);
  }

  /** Calls `work` when it is its turn, at the earliest after `ms`. A frozen tab gets the result later, a killed one never. */
  transaction<T>(tab: Actor, ms: number, work: () => T): Promise<T> {
    const { now } = this.#database;
    this.#busyUntil = Math.max(this.#busyUntil, now + ms);
    return new Promise((resolve) => {
      this.#database.after(this.#busyUntil - now, `transaction of ${tab.name}`, () => {
        if (!tab.isAlive) return;
        const result = work();
        tab.after(0.01, "has the result", () => resolve(result));
      });
    });
  }
}

/** The name of the channel on which tabs tell each other that an entry has changed, and a part of the names of locks. */
const NAME = "outbox";

/**
 * The unsent messages of a device, as one of its tabs sees them: a model of IndexedDB under the page's real `Outbox`. A
 * transaction takes some milliseconds, and is as if it had never been if the tab is killed meanwhile.
 */
export class DeviceOutbox implements OutboxStore {
  onChange: (() => void) | undefined;
  readonly #options: DeviceOutboxOptions;
  readonly #otherTabs: InstanceType<SimulatedPlatform["BroadcastChannel"]>;

  constructor(options: DeviceOutboxOptions) {
    this.#options = options;
    this.#otherTabs = new options.platform.BroadcastChannel(NAME);
    this.#otherTabs.addEventListener("message", () => this.onChange?.());
  }

  list(): Promise<readonly OutboxEntry[]> {
    return this.#transaction((entries) => [...entries.values()]);
  }

  async put(entry: OutboxEntry): Promise<void> {
    await this.#transaction((entries) => entries.set(entry.key, entry));
    this.#otherTabs.postMessage("changed");
  }

  async remove(key: string): Promise<void> {
    await this.#transaction((entries) => entries.delete(key));
    this.#otherTabs.postMessage("changed");
  }

  async clear(): Promise<void> {
    await this.#transaction((entries) => entries.clear());
  }

  async exclusively(name: string, work: () => Promise<void>): Promise<void> {
    const { locks } = this.#options.platform.navigator;
    if (!locks) return await work();
    await locks.request(`${NAME}:${name}`, {}, work);
  }

  [Symbol.dispose](): void {
    this.onChange = undefined;
    this.#otherTabs.close();
  }

  #transaction<T>(work: (entries: Map<string, OutboxEntry>) => T): Promise<T> {
    const { actor, random, unsent } = this.#options;
    return unsent.transaction(actor, random.between(0.1, 20), () => work(unsent.entries));
  }
}
