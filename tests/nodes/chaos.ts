/** Something that can be killed, and started again. */
export interface Mortal {
  die(): Promise<void>;
  rise(): Promise<void>;
}

/** Kills one of `victims` after the other, and starts it again, until `over` is aborted; returns how many. */
export async function strike(
  victims: (round: number) => Promise<Mortal>,
  { pause, over }: { readonly pause: number; readonly over: AbortSignal },
): Promise<number> {
  for (let round = 0;; round++) {
    await rest(pause, over);
    if (over.aborted) return round;
    const victim = await victims(round);
    await victim.die();
    // A while without it, for the others to notice.
    await rest(pause / 2, over);
    await victim.rise();
  }
}

async function rest(milliseconds: number, over: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const wake = () => resolve();
  over.addEventListener("abort", wake, { once: true });
  if (!over.aborted) await promise;
  clearTimeout(timer);
  over.removeEventListener("abort", wake);
}
