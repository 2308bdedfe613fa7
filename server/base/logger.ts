/** How much is logged: each level includes those before it. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What an event is about: ids, counts and durations; never texts, never tokens. */
export type EventFields = Readonly<Record<string, string | number | boolean>>;

/** Writes events as lines of JSON to the standard error. */
export class Logger {
  readonly #least: number;

  constructor(level: LogLevel) {
    this.#least = LOG_LEVELS.indexOf(level);
  }

  /** Writes one line, unless its level is logged no more. */
  write(level: LogLevel, event: string, fields: EventFields = {}): void {
    if (LOG_LEVELS.indexOf(level) > this.#least) return;
    console.error(JSON.stringify({ at: new Date().toISOString(), level, event, ...fields }));
  }

  /** Writes an error that nobody expected, with its stack. */
  defect(error: unknown, fields: EventFields = {}): void {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    this.write("error", "defect", { ...fields, stack });
  }
}
