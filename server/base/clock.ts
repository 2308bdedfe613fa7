/**
 * The time (Unix, ms) by a clock that never jumps: what ends after a while is timed by it, so that nothing is lost when
 * somebody sets the machine's clock. It may differ from the time of day.
 */
export function steadyNow(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}
