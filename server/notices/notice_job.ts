import { fromNow, hasPassed, monotonicNow, msSince, msUntil } from "../base/clock.ts";
import { delay } from "../base/delay.ts";
import type { Wakeup } from "../base/wakeup.ts";
import type { NoticeReader } from "./notice_reader.ts";
import { SourceError } from "./sources/notice_source.ts";

/** How a job reads. */
export interface NoticeJobOptions {
  /** The time between two readings. */
  readonly intervalMs: number;
  /** How long to wait at the start for a source that was never read. */
  readonly startTimeoutMs: number;
  /** Woken when there may be new rows, which has no effect on the delay after a failure. */
  readonly wakeup: Wakeup;
  /** Called for every failed attempt. */
  readonly onFailure: (error: unknown) => void;
  /** Called when the source can be read again. */
  readonly onRecovery: () => void;
}

/** The delay in ms before another attempt: doubles with each failure. */
const RETRY = { first: 500, max: 30_000 } as const;

/**
 * Reads a source in every interval, and soon after it is woken, until disposed. A failure, in either state, makes
 * it wait and then open the source again; the delay grows with each failure in a row.
 *
 *     opening ──opened──▶ reading ⟲ in every interval, or when woken
 *        ▲                   │
 *        └──delay── failed ◀─┘
 */
export class NoticeJob implements AsyncDisposable {
  readonly #reader: NoticeReader;
  readonly #options: NoticeJobOptions;
  readonly #stop = new AbortController();
  #failuresInRow = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(reader: NoticeReader, options: NoticeJobOptions) {
    this.#reader = reader;
    this.#options = options;
  }

  /**
   * Opens the source and starts to read it. Throws a `SourceError` if the source is misconfigured, or if it is
   * unavailable and was never read: then its address is probably wrong.
   */
  async start(): Promise<void> {
    const isOpen = await this.#openAtStart();
    this.#running = this.#run(isOpen);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#options.wakeup.wake();
    await this.#running;
  }

  async #openAtStart(): Promise<boolean> {
    const wasRead = await this.#reader.hasCheckpoint();
    const timeout = fromNow(this.#options.startTimeoutMs);
    for (;;) {
      try {
        await this.#reader.open();
        this.#succeed();
        return true;
      } catch (error) {
        const isTemporary = error instanceof SourceError && error.kind === "unavailable";
        if (!isTemporary || !wasRead && hasPassed(timeout)) throw error;
        this.#fail(error);
        if (wasRead) return false;
        await delay(RETRY.first, this.#stop.signal);
      }
    }
  }

  async #run(isOpen: boolean): Promise<void> {
    const { signal } = this.#stop;
    if (isOpen) await this.#readUntilFailure({ isOpen });
    while (!signal.aborted) {
      await delay(Math.min(RETRY.first * 2 ** (this.#failuresInRow - 1), RETRY.max), signal);
      await this.#readUntilFailure({ isOpen: false });
    }
  }

  async #readUntilFailure({ isOpen }: { readonly isOpen: boolean }): Promise<void> {
    const { signal } = this.#stop;
    let due = monotonicNow();
    try {
      if (!isOpen && !signal.aborted) await this.#reader.open();
      while (!signal.aborted) {
        await this.#options.wakeup.wait(msUntil(due));
        if (signal.aborted) return;
        const start = monotonicNow();
        // When woken, it usually suffices to read on. If that finds nothing, the new row has a lower key.
        if (hasPassed(due) || !await this.#reader.readAfterLast(signal)) {
          await this.#reader.readAll(signal);
          due = fromNow(this.#options.intervalMs);
        }
        this.#succeed();
        // However often it is woken, it reads half of the time at most.
        await delay(msSince(start), signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #succeed(): void {
    if (this.#failuresInRow === 0) return;
    this.#failuresInRow = 0;
    this.#options.onRecovery();
  }

  #fail(error: unknown): void {
    this.#failuresInRow++;
    this.#options.onFailure(error);
  }
}
