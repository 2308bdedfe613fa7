import type { ServerSettings } from "../../server/protocol/replies.ts";

/** Number of heartbeats that must be missing until a poll is dead. */
const MISSING = 3;

/**
 * Knows how long a held poll can be silent. It is watched only after a heartbeat has arrived on its own, since a proxy may
 * hold heartbeats back until the reply.
 */
export class HeartbeatWatch {
  readonly #settings: () => Promise<ServerSettings>;
  #interval = 0;

  constructor(settings: () => Promise<ServerSettings>) {
    this.#settings = settings;
  }

  /** Maximum silence in ms; undefined if it is not known. */
  get maxSilence(): number | undefined {
    return this.#interval > 0 ? MISSING * this.#interval : undefined;
  }

  /** To be called when white space has arrived before the reply. */
  async onHeartbeat(): Promise<void> {
    if (this.#interval > 0) return;
    try {
      this.#interval = (await this.#settings()).heartbeat;
    } catch {
      // The next heartbeat asks again.
    }
  }

  /** To be called when a poll was silent for too long. */
  onSilence(): void {
    this.#interval = 0;
  }
}
