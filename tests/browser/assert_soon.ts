import { assertEquals } from "@std/assert";

/** Timeout in ms: generous, since the machine may be busy. */
const TIMEOUT = 30_000;

/** Time in ms between two attempts. */
const INTERVAL = 20;

/** Waits until a value equals `expected`; after the timeout, fails with the last difference. */
export async function assertSoon<T>(
  value: () => Promise<T>,
  expected: T,
): Promise<void> {
  const deadline = Date.now() + TIMEOUT;
  while (true) {
    try {
      // Reading the value throws while a page is loading.
      return assertEquals(await value(), expected);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}
