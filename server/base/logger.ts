import { errorMessage } from "./error_message.ts";
import { type Runtime, SYSTEM_RUNTIME } from "./runtime.ts";

/** Log levels. Each level includes the ones before it. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The fields of an event: ids, counts and durations. Never message texts, never tokens. */
export type EventFields = Readonly<Record<string, string | number | boolean>>;

/** Writes events to the standard error, one JSON object per line. `docs/OPERATING.md` lists the events. */
export class Logger {
  readonly #maxLevel: number;
  readonly #common: EventFields;
  readonly #runtime: Runtime;

  /** `common`: fields of all events. */
  constructor(level: LogLevel, common: EventFields = {}, runtime: Runtime = SYSTEM_RUNTIME) {
    this.#runtime = runtime;
    this.#maxLevel = LOG_LEVELS.indexOf(level);
    this.#common = common;
  }

  /** Writes an event, unless its level is disabled. */
  write(level: LogLevel, event: string, fields: EventFields = {}): void {
    if (LOG_LEVELS.indexOf(level) > this.#maxLevel) return;
    const at = new Date(this.#runtime.wallNow()).toISOString();
    console.error(JSON.stringify({ at, level, event, ...this.#common, ...fields }));
  }

  /** Writes an unexpected error, with its stack. */
  internalError(error: unknown, fields: EventFields = {}): void {
    const stack = error instanceof Error && error.stack || errorMessage(error);
    this.write("error", "internal_error", { ...fields, stack });
  }
}
