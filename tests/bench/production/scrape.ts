/** The samples of `/metrics` at one time, by name with labels. */
export type Scrape = ReadonlyMap<string, number>;

/** Requests the metrics of a server. */
export async function scrape(url: string): Promise<Scrape> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const [, name = "", value] = /^(.*) (\S+)$/.exec(line) ?? [];
    return [name, Number(value)];
  }));
}

/** The value of a sample; 0 if it is missing. */
export function valueOf(from: Scrape, name: string): number {
  return from.get(name) ?? 0;
}

/** How much a counter has grown between two scrapes. */
export function growth(before: Scrape, after: Scrape, name: string): number {
  return valueOf(after, name) - valueOf(before, name);
}

/** The `q` quantile of the durations between two scrapes, in ms, as Prometheus computes it. */
export function quantile(before: Scrape, after: Scrape, name: string, q: number): number {
  const [family = "", labels = ""] = name.split("{");
  const prefix = `${family}_bucket{${labels === "" ? "" : `${labels.slice(0, -1)},`}le="`;
  const buckets = [...after.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({
    bound: Number(key.slice(prefix.length, -2).replace("+Inf", "Infinity")),
    count: growth(before, after, key),
  }));
  const rank = q * (buckets.at(-1)?.count ?? 0);
  if (rank === 0) return NaN;
  let [low, below] = [0, 0];
  for (const { bound, count } of buckets) {
    if (count >= rank) {
      if (bound === Infinity) return low * 1_000;
      return 1_000 * (low + (bound - low) * (rank - below) / (count - below));
    }
    [low, below] = [bound, count];
  }
  return NaN;
}
