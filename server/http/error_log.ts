import type { EventFields, Logger } from "../base/logger.ts";
import type { Runtime } from "../base/runtime.ts";
import { Throttle } from "../base/throttle.ts";
import { Refused } from "../core/model/refused.ts";
import type { Refusal } from "../protocol/refusal.ts";

/** Refusals that are caused by a problem of the server, not of the client. */
const SERVER_PROBLEMS: readonly Refusal[] = [
  "store_unavailable",
  "keys_unavailable",
  "too_many_polls",
  "too_many_rooms",
  "too_many_sessions",
];

/** Logs what fails in requests and background tasks. A problem that lasts is logged at most every 10 s. */
export class ErrorLog {
  readonly #logger: Logger;
  readonly #throttle: Throttle;

  constructor(logger: Logger, runtime?: Runtime) {
    this.#throttle = new Throttle({ windowMs: 10_000 }, runtime);
    this.#logger = logger;
  }

  /** Logs a refusal if an administrator should know about it. */
  onRefusal({ refusal, message }: Refused): void {
    if (!SERVER_PROBLEMS.includes(refusal) || !this.#throttle.allow(refusal)) return;
    this.#logger.write("error", refusal, { reason: message });
  }

  /** Logs any error; `fields` say what failed. */
  onError(error: unknown, fields: EventFields): void {
    if (error instanceof Refused) this.onRefusal(error);
    else this.#logger.internalError(error, fields);
  }
}
