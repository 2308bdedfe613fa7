/** How often (ms) is looked whether the event loop is late. */
const INTERVAL = 100;

/** Tells, ten times a second, how late (ms) the event loop is, until disposed. */
export function watchLoop(onLag: (milliseconds: number) => void): Disposable {
  let due = performance.now() + INTERVAL;
  const timer = setInterval(() => {
    const now = performance.now();
    onLag(Math.max(0, now - due));
    due = now + INTERVAL;
  }, INTERVAL);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
