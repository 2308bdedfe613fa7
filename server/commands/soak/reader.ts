/** Who reads what, and how. */
export interface ReaderOptions {
  readonly name: string;
  readonly privateToken: string;
  /** Its name among the readers of its session. */
  readonly tab: string;
  /** The rooms that its polls name. */
  readonly rooms: readonly string[];
  /** All channels whose messages it is entitled to. */
  readonly reads: readonly string[];
  /** How long its polls may be held, in ms. */
  readonly hold: number;
}

/** Somebody who reads, and tells the checker what it was given. */
export interface Reader {
  readonly name: string;
  /** Resolves when the reader has its first place: from then on it is entitled to every message. */
  enter(): Promise<void>;
  /** Reads until the run is over. */
  run(): Promise<void>;
  /** Waits no longer for anything that is its own choice. */
  hurry(): void;
}
