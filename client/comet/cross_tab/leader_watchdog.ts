import { pageState } from "../page_lifecycle.ts";
import type { Platform, Timer } from "../platform.ts";

/** How often the leader is checked, in ms: by visible pages and by hidden ones. */
const INTERVAL = { active: 500, background: 20_000 } as const;

/** Number of consecutive questions without an answer after which the leader has failed. */
const MAX_UNANSWERED = 2;

/** Maximum time in ms between two announcements of a member. */
const ANNOUNCE_INTERVAL = 20_000;

export interface LeaderWatchdogListeners {
  /** The member must announce itself: the leader answers an announcement. */
  readonly onAnnounce: () => void;
  /** The leader does not answer. */
  readonly onFailure: () => void;
}

/** Detects for a member of a group that the leader sleeps, hangs or is gone, and reminds the member to announce itself. */
export class LeaderWatchdog implements Disposable {
  readonly #platform: Platform;
  readonly #listeners: LeaderWatchdogListeners;
  #timer: Timer | undefined;
  #hasHeard = true;
  #unanswered = 0;
  #announcedAt = 0;

  constructor(platform: Platform, listeners: LeaderWatchdogListeners) {
    this.#platform = platform;
    this.#listeners = listeners;
    this.updateInterval();
  }

  /** To be called when the page becomes visible or hidden. */
  updateInterval(): void {
    this.#platform.clearInterval(this.#timer);
    const interval = INTERVAL[pageState(this.#platform)];
    this.#timer = this.#platform.setInterval(() => this.#check(), interval);
  }

  /** To be called with each message of the leader. */
  onLeaderMessage(): void {
    this.#hasHeard = true;
  }

  /** To be called when the member has announced itself. */
  onAnnounced(): void {
    this.#announcedAt = this.#platform.Date.now();
  }

  [Symbol.dispose](): void {
    this.#platform.clearInterval(this.#timer);
  }

  #check(): void {
    const isSilent = !this.#hasHeard;
    this.#hasHeard = false;
    if (!isSilent) this.#unanswered = 0;
    else if (this.#unanswered++ >= MAX_UNANSWERED) return this.#fail();
    const isDue = this.#platform.Date.now() - this.#announcedAt >= ANNOUNCE_INTERVAL;
    if (isSilent || isDue) this.#listeners.onAnnounce();
  }

  #fail(): void {
    this.#unanswered = 0;
    this.#listeners.onFailure();
  }
}
