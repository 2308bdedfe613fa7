/** A store cannot be used, for a reason that its operator can do something about. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";

  /** Says in one line which store it is, and why. */
  static from(place: string, cause: unknown): StoreOpenError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new StoreOpenError(`Cannot open the store "${place}": ${reason}`, { cause });
  }
}
