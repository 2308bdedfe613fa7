import type { Runtime } from "../base/runtime.ts";

/** Maximum number of people at the same time: more would delay what is pushed to others. */
const MAX_PEOPLE = 50;

export interface EveryoneOptions {
  readonly runtime: Runtime;
  /** In ms: how long until people are looked at again, and for how long that is done. */
  readonly look: number;
  readonly lookFor: number;
  readonly onError: (error: unknown) => void;
  readonly stop: AbortSignal;
}

/** Acts for each of many people, some at a time, and again for those for whom `act` resolves with "later". */
export async function forEveryone<Person>(
  people: AsyncIterable<Person>,
  act: (person: Person) => Promise<"done" | "later">,
  { runtime, look, lookFor, onError, stop }: EveryoneOptions,
): Promise<void> {
  const since = runtime.monotonicNow();
  let left: AsyncIterable<Person> | Iterable<Person> = people;
  while (!stop.aborted) {
    const later: Person[] = [];
    const running = new Set<Promise<void>>();
    const actFor = async (person: Person) => {
      if (await act(person) === "later") later.push(person);
    };
    for await (const person of left) {
      if (stop.aborted) break;
      const acting = actFor(person).catch(onError).finally(() => running.delete(acting));
      running.add(acting);
      if (running.size >= MAX_PEOPLE) await Promise.race(running);
    }
    await Promise.all(running);
    if (later.length === 0 || runtime.msSince(since) > lookFor) return;
    await runtime.delay(look, stop);
    left = later;
  }
}
