/** A run could not be made; the message says why. */
export class SoakError extends Error {
  override readonly name = "SoakError";
}
