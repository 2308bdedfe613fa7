import type { Actor } from "../actor.ts";
import type { Device } from "./device.ts";
import type { SimulatedPlatform } from "./simulated_platform.ts";

export interface TabOptions {
  readonly device: Device;
  readonly actor: Actor;
  readonly platform: SimulatedPlatform;
}

/** A page in a browser. */
export class Tab {
  readonly device: Device;
  readonly actor: Actor;
  readonly platform: SimulatedPlatform;

  constructor({ device, actor, platform }: TabOptions) {
    this.device = device;
    this.actor = actor;
    this.platform = platform;
  }

  get isOpen(): boolean {
    return this.actor.isAlive;
  }

  get isFrozen(): boolean {
    return this.actor.isPaused && !this.device.isAsleep;
  }

  setHidden(hidden: boolean): void {
    const { document } = this.platform;
    if (document.hidden === hidden) return;
    document.hidden = hidden;
    document.dispatchEvent(new Event("visibilitychange"));
  }

  /** The user closes it: the page is told, and then it is gone. */
  close(): void {
    this.platform.dispatchEvent(new Event("pagehide"));
    this.kill("closes");
  }

  /** The browser ends it without a word. */
  kill(what = "is killed"): void {
    if (!this.isOpen) return;
    this.actor.crash(what);
    this.device.remove(this);
  }

  /** The user navigates away: the page is told, and kept to be shown again. */
  freeze(): void {
    this.setHidden(true);
    this.platform.dispatchEvent(new Event("pagehide"));
    this.actor.pause("is frozen");
  }

  /** The user comes back. */
  thaw(): void {
    this.actor.resume("is shown again");
    this.setHidden(false);
    this.platform.dispatchEvent(new Event("pageshow"));
  }
}
