/** How a pause may end before its time. */
export interface PauseOptions {
  readonly signal: AbortSignal;
  /** The server asked for it: only a person may cut it short. */
  readonly asked: boolean;
}

/** The waits that are going on, which may be cut short together. */
export class Pauses {
  readonly #running = new Map<() => void, boolean>();

  /** Resolves after that many milliseconds, or when it is cut short or aborted; never rejects. */
  pause(milliseconds: number, { signal, asked }: PauseOptions): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#running.delete(end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      this.#running.set(end, asked);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });
  }

  /** Ends the pauses that are this side's own choice. */
  endOwn(): void {
    for (const [end, asked] of [...this.#running]) {
      if (!asked) end();
    }
  }

  /** Ends every pause. */
  endAll(): void {
    for (const end of [...this.#running.keys()]) end();
  }
}
