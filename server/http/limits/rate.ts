/** So many requests in so many seconds: all at once, if there were none before; or evenly, for as long as one likes. */
export interface Rate {
  readonly quota: number;
  /** In seconds. */
  readonly window: number;
}

/** The most that either number may be. */
const MOST = 1_000_000_000;

/** Reads `100/5s`; `undefined` where it is something else. */
export function parseRate(word: string): Rate | undefined {
  const [, quota, window] = /^([0-9]{1,10})\/([0-9]{1,10})s$/.exec(word) ?? [];
  const rate = { quota: Number(quota), window: Number(window) };
  const isWithin = (value: number) => value >= 1 && value <= MOST;
  return isWithin(rate.quota) && isWithin(rate.window) ? rate : undefined;
}

/** Writes what {@linkcode parseRate} reads. */
export function formatRate({ quota, window }: Rate): string {
  return `${quota}/${window}s`;
}
