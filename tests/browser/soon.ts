import { assertEquals } from "@std/assert";

/** How long (ms) something on a page may take at most, however busy the machine is, and between two looks at it. */
const PATIENCE = 30_000;
const PAUSE = 20;

/** Expects that a value will be `expected`; what is met is waited for, what is not is shown as it was at last. */
export async function assertSoon<T>(
  value: () => Promise<T>,
  expected: T,
): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (true) {
    try {
      // A page that is just being loaded may have nothing yet to look at.
      return assertEquals(await value(), expected);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
