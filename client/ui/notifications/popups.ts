import { signal } from "@preact/signals";
import type { Message } from "../../comet/halley.ts";

/** How long a popup is shown, in ms. */
const DURATION = 8_000;

/** Why popups stay: the mouse is over one, one has the focus, or the user is elsewhere. */
export type PauseReason = "pointer" | "focus" | "away";

/** The notices that are shown as popups. Each disappears after a while, unless that is paused. */
export class Popups implements Disposable {
  /** Oldest first. */
  readonly all = signal<readonly Message[]>([]);
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  readonly #pauseReasons = new Set<PauseReason>();

  show(notice: Message): void {
    this.all.value = [...this.all.value, notice];
    this.#startTimers();
  }

  dismiss({ id }: Message): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.all.value = this.all.value.filter((notice) => notice.id !== id);
  }

  dismissAll(): void {
    for (const notice of this.all.peek()) this.dismiss(notice);
  }

  /** Keeps all popups until every reason has been removed by `resume`; then each is shown for the full time again. */
  pause(reason: PauseReason): void {
    this.#pauseReasons.add(reason);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  resume(reason: PauseReason): void {
    this.#pauseReasons.delete(reason);
    this.#startTimers();
  }

  [Symbol.dispose](): void {
    this.dismissAll();
  }

  #startTimers(): void {
    if (this.#pauseReasons.size > 0) return;
    for (const notice of this.all.peek()) {
      if (this.#timers.has(notice.id)) continue;
      this.#timers.set(notice.id, setTimeout(() => this.dismiss(notice), DURATION));
    }
  }
}
