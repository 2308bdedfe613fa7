import { pageState } from "../page_lifecycle.ts";

/** How often (ms) a leader is looked for: by pages that somebody looks at, and by hidden ones. */
const INTERVAL = { active: 500, background: 20_000 } as const;

/** So many questions in a row are unanswered when the leader is given up. */
const QUESTIONS = 2;

/** A member is heard of so often (ms) at least. */
const SIGN_OF_LIFE = 20_000;

/** What a vigil may do. */
export interface LeaderWatchdogListeners {
  /** Speak, so that a leader answers. */
  readonly onAsk: () => void;
  readonly onSilence: () => void;
}

/** Notices that the leader does not answer: it sleeps, hangs, or is gone. */
export class LeaderWatchdog implements Disposable {
  readonly #listeners: LeaderWatchdogListeners;
  #timer: ReturnType<typeof setInterval> | undefined;
  #hasHeard = true;
  #asked = 0;
  #spokenAt = 0;

  constructor(listeners: LeaderWatchdogListeners) {
    this.#listeners = listeners;
    this.adjust();
  }

  /** To be called when the page is hidden or shown. */
  adjust(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), INTERVAL[pageState()]);
  }

  /** The leader was heard. */
  hear(): void {
    this.#hasHeard = true;
  }

  /** This member has spoken. */
  speak(): void {
    this.#spokenAt = Date.now();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const isSilent = !this.#hasHeard;
    this.#hasHeard = false;
    if (!isSilent) this.#asked = 0;
    else if (this.#asked++ >= QUESTIONS) return this.#giveUp();
    if (isSilent || Date.now() - this.#spokenAt >= SIGN_OF_LIFE) this.#listeners.onAsk();
  }

  #giveUp(): void {
    this.#asked = 0;
    this.#listeners.onSilence();
  }
}
