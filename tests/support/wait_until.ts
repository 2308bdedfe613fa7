import { fromNow, hasPassed } from "../../server/base/clock.ts";
import { delay } from "../../server/base/delay.ts";

/** In ms: generous, for a busy machine; and the interval between two checks. */
const TIMEOUT = 20_000;
const INTERVAL = 20;

/** Waits until a condition holds. Throws after 20 s, with `description` of what was waited for. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  description: string,
): Promise<void> {
  const end = fromNow(TIMEOUT);
  while (!await condition()) {
    if (hasPassed(end)) throw new Error(`Timed out waiting until ${description}`);
    await delay(INTERVAL);
  }
}
