import type { Platform } from "../../../client/comet/platform.ts";
import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import { START_WALL } from "../server/simulated_runtime.ts";
import { Timers } from "../timers.ts";
import type { Device } from "./device.ts";

export interface PlatformOptions {
  readonly device: Device;
  readonly actor: Actor;
  readonly random: SeededRandom;
}

/** The global object of a tab. */
export class SimulatedPlatform extends EventTarget implements Platform {
  /** Its open channels to other tabs. */
  readonly channels = new Set<SimulatedChannel>();
  readonly document = Object.assign(new EventTarget(), { hidden: false });
  readonly setTimeout: Platform["setTimeout"];
  readonly clearTimeout: Platform["clearTimeout"];
  readonly setInterval: Platform["setInterval"];
  readonly clearInterval: Platform["clearInterval"];
  readonly Date: Platform["Date"];
  readonly performance: Platform["performance"];
  readonly Math: Platform["Math"];
  readonly crypto: Platform["crypto"];
  readonly #storage: Platform["localStorage"] | undefined;
  readonly navigator: NonNullable<Platform["navigator"]>;
  readonly BroadcastChannel: Platform["BroadcastChannel"];
  readonly fetch: Platform["fetch"];

  constructor({ device, actor, random }: PlatformOptions) {
    super();
    const timers = new Timers(actor);
    const openedAt = actor.now;
    const { network, hasLocks, hasStorage, countsSleep, address } = device.options;
    const sleptBefore = device.sleptMs;
    // Browsers run the timers of hidden pages once a second.
    const delayOf = (ms: number) => this.document.hidden ? Math.max(ms, 1_000) : ms;
    this.setTimeout = (run, ms) => timers.setTimeout(run, delayOf(ms));
    this.clearTimeout = timers.clearTimeout;
    this.setInterval = (run, ms) => timers.setInterval(run, delayOf(ms));
    this.clearInterval = timers.clearInterval;
    this.Date = { now: () => Math.floor(START_WALL + actor.now + device.aheadMs) };
    this.performance = {
      now: () => actor.now - openedAt - (countsSleep ? 0 : device.sleptMs - sleptBefore),
    };
    this.Math = { random: () => random.next() };
    this.crypto = { getRandomValues: (bytes) => fill(bytes, random) };
    this.#storage = hasStorage ? storageOf(device, actor) : undefined;
    const online = () => device.isOnline;
    this.navigator = {
      get onLine() {
        return online();
      },
      ...(hasLocks && { locks: device.locks.of(actor) }),
    };
    const { channels } = this;
    this.BroadcastChannel = class extends SimulatedChannel {
      constructor(name: string) {
        super(device, channels, name);
      }
    };
    this.fetch = (url, init) => {
      const { isOnline, connections } = device;
      return network.fetch({ actor, address, isOnline, connections }, url, init);
    };
  }

  get localStorage(): Platform["localStorage"] {
    if (this.#storage) return this.#storage;
    throw new DOMException("Storage is forbidden", "SecurityError");
  }
}

/** A `BroadcastChannel`. */
export class SimulatedChannel extends EventTarget {
  readonly name: string;
  readonly #device: Device;
  readonly #open: Set<SimulatedChannel>;

  constructor(device: Device, open: Set<SimulatedChannel>, name: string) {
    super();
    this.name = name;
    this.#device = device;
    this.#open = open;
    open.add(this);
  }

  postMessage(message: unknown): void {
    if (!this.#open.has(this)) throw new DOMException("The channel is closed", "InvalidStateError");
    this.#device.post(this.name, message, this);
  }

  close(): void {
    this.#open.delete(this);
  }
}

function storageOf(device: Device, actor: Actor): Platform["localStorage"] {
  const { storage } = device;
  return {
    getItem: (key) => storage.get(key) ?? null,
    setItem(key, value) {
      storage.set(key, value);
      device.onStored(actor);
    },
    removeItem(key) {
      storage.delete(key);
      device.onStored(actor);
    },
  };
}

function fill(bytes: Uint8Array<ArrayBuffer>, random: SeededRandom): Uint8Array<ArrayBuffer> {
  for (let n = 0; n < bytes.length; n++) bytes[n] = Math.floor(random.next() * 256);
  return bytes;
}
