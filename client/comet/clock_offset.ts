import type { Platform } from "./platform.ts";

const MINUTE = 60_000;

/**
 * How far (ms) the server's clock is ahead of this device's, in whole minutes, as of a response whose head has just
 * arrived; `undefined` if it has no `Date`.
 */
export function clockOffsetOf(
  response: Response,
  platform: Platform = globalThis,
): number | undefined {
  const time = dateOf(response);
  if (time === undefined) return undefined;
  // Rounded, so that it does not change with each response.
  return Math.round((time - platform.Date.now()) / MINUTE) * MINUTE;
}

/** When the server sent a response, by its own clock: Unix time in ms. */
export function dateOf({ headers }: Response): number | undefined {
  const time = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(time) ? undefined : time;
}
