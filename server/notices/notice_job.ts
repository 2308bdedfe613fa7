import { Refused } from "../core/model/refused.ts";
import { SourceError } from "./sources/notice_source.ts";
import type { NoticeReader } from "./notice_reader.ts";
import { delay } from "../base/delay.ts";

/** How a job goes about it. Times in ms. */
export interface NoticeJobOptions {
  /** How long after one reading the next one comes. */
  readonly interval: number;
  /** How long a database that has never been read may be away at the start. */
  readonly patience: number;
  /** Told of each failure. */
  readonly onFailure: () => void;
  /** Told of a failure now and then, with the reason. */
  readonly onTrouble: (error: Error) => void;
  /** The trouble is over. */
  readonly onRecovery: () => void;
  readonly onInternalError: (error: unknown) => void;
}

/** After the first failure the next try comes so soon (ms); after each further one, twice as late, but never later than … */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/** Trouble is told at once, and then so often (ms) while it lasts. */
const REMINDER = 60_000;

/** Reads notices in each interval, and whenever there is news; goes on after every failure, until disposed. */
export class NoticeJob implements AsyncDisposable {
  readonly #reader: NoticeReader;
  readonly #options: NoticeJobOptions;
  readonly #end = new AbortController();
  #news = new AbortController();
  #hasNews = false;
  #isOpen = false;
  #failures = 0;
  #told = 0;
  #due = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(reader: NoticeReader, options: NoticeJobOptions) {
    this.#reader = reader;
    this.#options = options;
  }

  /** Whether the last reading failed. */
  get isInTrouble(): boolean {
    return this.#failures > 0;
  }

  /**
   * Begins. Throws a `SourceError` when something is wrong with the source, or when it is away and was never read: then
   * its name is more likely to be misspelt. One that was read before may be away.
   */
  async start(): Promise<void> {
    const isKnown = await this.#reader.isKnown();
    const end = performance.now() + this.#options.patience;
    while (!this.#isOpen) {
      try {
        await this.#open();
      } catch (error) {
        const mayPass = error instanceof SourceError && error.kind === "away";
        if (!mayPass || !isKnown && performance.now() >= end) throw error;
        this.#fail(error);
        if (isKnown) break;
        await this.#rest(FIRST_PAUSE);
      }
    }
    if (this.#isOpen) this.#recover();
    this.#running = this.#run();
  }

  /** There may be new rows: reads them soon. While there is trouble, that changes nothing. */
  wake(): void {
    this.#hasNews = true;
    this.#news.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    this.#news.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      if (this.isInTrouble) await this.#rest(this.#backoff);
      const begun = performance.now();
      await this.#turn();
      if (this.isInTrouble) continue;
      // However fast news come, half of the time is for other work.
      await this.#rest(performance.now() - begun);
      if (!this.#hasNews) await this.#restUntilNews(this.#due - performance.now());
    }
  }

  async #turn(): Promise<void> {
    const { signal } = this.#end;
    try {
      if (!this.#isOpen) await this.#open();
      const isDue = performance.now() >= this.#due;
      this.#hasNews = false;
      // News, but nothing after the last row: then it has come before it.
      if (isDue || !await this.#reader.readOn(signal)) {
        await this.#reader.read(signal);
        this.#due = performance.now() + this.#options.interval;
      }
      this.#recover();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #open(): Promise<void> {
    await this.#reader.open();
    this.#isOpen = true;
  }

  #fail(error: unknown): void {
    if (this.#end.signal.aborted) return;
    this.#isOpen = false;
    this.#failures++;
    this.#options.onFailure();
    if (!(error instanceof SourceError) && !(error instanceof Refused)) {
      this.#options.onInternalError(error);
    } else if (this.#failures === 1 || performance.now() >= this.#told + REMINDER) {
      this.#told = performance.now();
      this.#options.onTrouble(error);
    }
  }

  #recover(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#options.onRecovery();
  }

  get #backoff(): number {
    return Math.min(FIRST_PAUSE * 2 ** (this.#failures - 1), LONGEST_PAUSE);
  }

  async #rest(milliseconds: number): Promise<void> {
    await delay(milliseconds, this.#end.signal);
  }

  async #restUntilNews(milliseconds: number): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#news = new AbortController();
    await delay(milliseconds, this.#news.signal);
  }
}
