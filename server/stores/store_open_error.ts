import { errorMessage } from "../base/error_message.ts";
import { StartError } from "../base/start_error.ts";

/** A store cannot be used, for a reason that its operator can do something about. */
export class StoreOpenError extends StartError {
  override readonly name = "StoreOpenError";

  /** Says in one line which store it is, and why. */
  static from(place: string, cause: unknown): StoreOpenError {
    const reason = errorMessage(cause);
    return new StoreOpenError(`Cannot open the store "${place}": ${reason}`, { cause });
  }
}
