/** How long (ms) to wait for a condition at most, and between two looks at it. */
const PATIENCE = 20_000;
const PAUSE = 20;

/** Waits until a condition holds. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  description: string,
): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`In vain: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
