import { signal } from "@preact/signals";
import type { Message } from "../../comet/halley.ts";

/** A popup stays for so long (ms), if it is not being read. */
const LASTS = 8_000;

/** Why popups stay: the mouse or the focus is on one, or nobody sees the page. */
export type Reason = "pointer" | "focus" | "hidden";

/** Notices that pop up, and go after a while. */
export class Popups implements Disposable {
  /** Oldest first. */
  readonly all = signal<readonly Message[]>([]);
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  readonly #reasons = new Set<Reason>();

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

  /** Lets all stay until there is no reason any more; then each has its whole time again. */
  pause(reason: Reason): void {
    this.#reasons.add(reason);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  resume(reason: Reason): void {
    this.#reasons.delete(reason);
    this.#startTimers();
  }

  [Symbol.dispose](): void {
    this.dismissAll();
  }

  #startTimers(): void {
    if (this.#reasons.size > 0) return;
    for (const notice of this.all.peek()) {
      if (this.#timers.has(notice.id)) continue;
      this.#timers.set(notice.id, setTimeout(() => this.dismiss(notice), LASTS));
    }
  }
}
