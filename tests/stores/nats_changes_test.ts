import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import {
  type ChangeHeader,
  type ChangeInStream,
  NatsChanges,
} from "../../server/stores/nats/nats_changes.ts";

const OF = 1;

/** A change of the message 1 that a node sends which knows these. */
function changeFrom(known: NatsChanges, isDeletion: boolean): ChangeHeader {
  const header = { of: OF, at: 1, erased: known.erasedWith(OF) };
  return isDeletion ? { ...header, deleted: true } : { ...header, base: known.baseOf(OF) };
}

function readAll(stream: readonly ChangeInStream[]): NatsChanges {
  const changes = new NatsChanges();
  for (const change of stream) changes.add(change);
  return changes;
}

Deno.test("[L39] of two changes that were computed from the same one, the first has an effect", () => {
  const changes = new NatsChanges();
  const header = changeFrom(changes, false);

  const replaced = [2, 3].map((seq) => changes.add({ seq, header }));
  const next = changes.add({ seq: 4, header: changeFrom(changes, false) });

  assertEquals([...replaced, next], [0, undefined, 2]);
  assertEquals([2, 3, 4].map((seq) => changes.hadEffect({ seq, header })), [true, false, true]);
  assertEquals(changes.takeErasable(9), [1, 3, 2]);
});

Deno.test("[L39] a change of an earlier version, without a base, has an effect", () => {
  const changes = new NatsChanges();
  changes.add({ seq: 2, header: { of: OF, at: 1 } });
  const stale = changeFrom(changes, false);

  changes.add({ seq: 3, header: { of: OF, at: 1 } });
  changes.add({ seq: 4, header: stale });

  assertEquals(changes.lastOf(OF)?.seq, 3);
});

Deno.test("[L39] a node that starts decides as those that have seen all changes, whatever was erased", () => {
  for (let seed = 1; seed <= 2_000; seed++) {
    const random = new SeededRandom(seed, "changes");
    const below = (end: number) => Math.floor(random.between(0, end));
    const stream: ChangeInStream[] = [];
    const length = 2 + below(10);
    for (let n = 0; n < length; n++) {
      // The sender has not received the last ones.
      const known = readAll(stream.slice(0, stream.length - below(4)));
      const isDeletion = below(20) === 0;
      stream.push({ seq: OF + 1 + n, header: changeFrom(known, isDeletion) });
    }
    const all = readAll(stream);
    const erasable = new Set(all.takeErasable(Infinity));
    const left = stream.filter(({ seq }) => !erasable.has(seq) || below(2) === 0);

    const started = readAll(left);

    assertEquals([seed, started.lastOf(OF)], [seed, all.lastOf(OF)]);
  }
});
