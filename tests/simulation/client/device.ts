import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { Scheduler } from "../scheduler.ts";
import { Connections } from "./connections.ts";
import { DeviceLocks } from "./locks.ts";
import type { Network } from "./network.ts";
import { SimulatedPlatform } from "./simulated_platform.ts";
import { Tab } from "./tab.ts";

export interface DeviceOptions {
  readonly name: string;
  /** The address that servers see. */
  readonly address: string;
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly network: Network;
  /** Without it, pages lead by leases in the storage. */
  readonly hasLocks: boolean;
  /** Without it, tabs cannot share a poll. */
  readonly hasStorage: boolean;
  /** Whether `performance.now()` goes on while the device sleeps: that depends on the browser. */
  readonly countsSleep: boolean;
  /** Maximum number of requests at the same time: six with HTTP/1.1. */
  readonly maxConnections: number;
}

/** What happens to messages between the tabs of a device. Real browsers deliver them; a frozen page misses some. */
export interface ChannelConditions {
  /** The fraction that is lost. */
  loss: number;
  /** Maximum time in ms on the way: later ones can overtake earlier ones. */
  delay: number;
}

const CALM: ChannelConditions = { loss: 0, delay: 5 };

/** A computer or a phone with one browser: what its tabs share. It sleeps, goes offline, and its clock is set. */
export class Device {
  readonly name: string;
  readonly options: DeviceOptions;
  readonly channel: ChannelConditions = { ...CALM };
  readonly storage = new Map<string, string>();
  readonly locks = new DeviceLocks();
  readonly connections: Connections;
  /** The part of the browser that runs the transactions of its databases. */
  readonly database: Actor;
  readonly tabs: Tab[] = [];
  isOnline = true;
  /** How far its wall clock is ahead of the simulated time, in ms. */
  aheadMs = 0;
  /** How long it has slept, in ms. */
  sleptMs = 0;
  readonly #random: SeededRandom;
  #asleepSince: number | undefined;
  #opened = 0;

  constructor(options: DeviceOptions) {
    this.name = options.name;
    this.options = options;
    this.connections = new Connections(options.maxConnections);
    this.database = options.scheduler.actor(`${options.name} database`);
    this.#random = new SeededRandom(options.seed, `messages between tabs of ${options.name}`);
  }

  get isAsleep(): boolean {
    return this.#asleepSince !== undefined;
  }

  /** Where the last tab of its person has got to, as the page stores it. */
  cursor: string | undefined;

  openTab(): Tab {
    const { scheduler, seed } = this.options;
    const actor = scheduler.actor(`${this.name} tab ${++this.#opened}`);
    actor.note("opens");
    const platform = new SimulatedPlatform({
      device: this,
      actor,
      random: new SeededRandom(seed, actor.name),
    });
    const tab = new Tab({ device: this, actor, platform });
    this.tabs.push(tab);
    return tab;
  }

  /** The lid is closed: nothing runs. */
  sleep(): void {
    if (this.isAsleep) return;
    this.#asleepSince = this.#now;
    this.database.pause();
    for (const tab of this.tabs) tab.update();
  }

  /** `breaks`: whether the connections have ended meanwhile. */
  wake(breaks: boolean): void {
    if (this.#asleepSince === undefined) return;
    this.sleptMs += this.#now - this.#asleepSince;
    this.#asleepSince = undefined;
    this.database.resume();
    for (const tab of this.tabs) {
      if (breaks) this.options.network.breakConnections(tab.actor);
      tab.update();
    }
  }

  /** Messages between tabs are delivered again. */
  calmChannel(): void {
    Object.assign(this.channel, CALM);
  }

  setOnline(isOnline: boolean): void {
    if (isOnline === this.isOnline) return;
    this.isOnline = isOnline;
    const event = isOnline ? "online" : "offline";
    for (const { actor, platform } of this.tabs) {
      if (!isOnline) this.options.network.breakConnections(actor);
      actor.after(1, `is ${event}`, () => platform.dispatchEvent(new Event(event)));
    }
  }

  /** Posts a message to the other channels of that name, on all tabs. */
  post(name: string, message: unknown, from: EventTarget): void {
    for (const { actor, platform } of this.tabs) {
      for (const channel of platform.channels) {
        const [loss, delay] = [this.#random.next(), this.#random.next()];
        if (channel === from || channel.name !== name || loss < this.channel.loss) continue;
        const data = structuredClone(message);
        actor.after(0.1 + delay * this.channel.delay, "gets a message of a tab", () => {
          if (platform.channels.has(channel)) {
            channel.dispatchEvent(new MessageEvent("message", { data }));
          }
        });
      }
    }
  }

  /** Tells the other tabs that the storage has changed. */
  onStored(by: Actor): void {
    for (const { actor, platform } of this.tabs) {
      if (actor === by) continue;
      actor.after(1, "sees the storage", () => platform.dispatchEvent(new Event("storage")));
    }
  }

  /** The tab is gone. */
  remove(tab: Tab): void {
    this.tabs.splice(this.tabs.indexOf(tab), 1);
    this.options.network.disconnect(tab.actor);
    this.locks.release(tab.actor);
  }

  get #now(): number {
    return this.options.scheduler.now;
  }
}
