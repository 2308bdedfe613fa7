/** A store cannot be used, for a reason that its operator can do something about. */
export class StoreUnusable extends Error {
  override readonly name = "StoreUnusable";

  /** Says in one line which store it is, and why. */
  static from(place: string, cause: unknown): StoreUnusable {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new StoreUnusable(`Cannot open the store "${place}": ${reason}`, { cause });
  }
}
