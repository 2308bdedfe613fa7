import type { OutboxEntry, OutboxStore } from "../../../client/ui/storage/outbox_store.ts";
import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { SimulatedPlatform } from "./simulated_platform.ts";

export interface DeviceOutboxOptions {
  readonly actor: Actor;
  readonly platform: SimulatedPlatform;
  readonly random: SeededRandom;
  /** What the database of the device has for this session, by key. All tabs of the device have the same. */
  readonly entries: Map<string, OutboxEntry>;
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
    return this.#transaction("lists the outbox", (entries) => [...entries.values()]);
  }

  has(key: string): Promise<boolean> {
    return this.#transaction("looks into the outbox", (entries) => entries.has(key));
  }

  async put(entry: OutboxEntry): Promise<void> {
    await this.#transaction(`stores ${entry.text}`, (entries) => entries.set(entry.key, entry));
    this.#otherTabs.postMessage("changed");
  }

  async remove(key: string): Promise<void> {
    await this.#transaction("removes from the outbox", (entries) => entries.delete(key));
    this.#otherTabs.postMessage("changed");
  }

  async clear(): Promise<void> {
    await this.#transaction("clears the outbox", (entries) => entries.clear());
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

  #transaction<T>(what: string, work: (entries: Map<string, OutboxEntry>) => T): Promise<T> {
    const { actor, random, entries } = this.#options;
    return actor.later(random.between(0.1, 20), what, () => work(entries));
  }
}
