const MINUTE = 60_000;

/**
 * How far (ms) the server's clock is ahead of this device's, in whole minutes, as of a response whose head has just
 * arrived; `undefined` if it has no `Date`.
 */
export function clockOffsetOf({ headers }: Response): number | undefined {
  const time = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(time)) return undefined;
  // Rounded, so that it does not change with each response.
  return Math.round((time - Date.now()) / MINUTE) * MINUTE;
}
