/**
 * Like `Promise.all(items.map(map))`, but `size` items at a time, with a turn for everything else in between: so a long list
 * that is read from a store delays nobody.
 */
export async function mapInPortions<T, R>(
  items: readonly T[],
  size: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    if (start > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    results.push(...await Promise.all(items.slice(start, start + size).map(map)));
  }
  return results;
}
