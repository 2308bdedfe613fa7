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
  #isFrozen = false;

  constructor({ device, actor, platform }: TabOptions) {
    this.device = device;
    this.actor = actor;
    this.platform = platform;
  }

  get isOpen(): boolean {
    return this.actor.isAlive;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Lets it run, unless it is frozen or its device sleeps. */
  update(): void {
    if (this.#isFrozen || this.device.isAsleep) this.actor.pause();
    else this.actor.resume();
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
    this.#isFrozen = true;
    this.update();
  }

  /** The user comes back. */
  thaw(): void {
    this.#isFrozen = false;
    this.actor.after(0, "is shown again", () => {
      this.setHidden(false);
      this.platform.dispatchEvent(new Event("pageshow"));
    });
    this.update();
  }
}
