import { errorMessage } from "../base/error_message.ts";
import { StartError } from "../base/start_error.ts";

/** A store cannot be opened, for a reason that the operator can fix. */
export class StoreOpenError extends StartError {
  override readonly name = "StoreOpenError";

  /** Names the store and the reason in one line. */
  static from(store: string, cause: unknown): StoreOpenError {
    return new StoreOpenError(`Cannot open the store "${store}": ${errorMessage(cause)}`, {
      cause,
    });
  }
}
