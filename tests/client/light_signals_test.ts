import { assertEquals } from "@std/assert";
import * as preact from "@preact/signals";
import fc from "fast-check";
import * as light from "../../client/widget/light/signals.ts";

interface Signals {
  readonly batch: (change: () => void) => void;
  readonly computed: (compute: () => number) => { readonly value: number; peek(): number };
  readonly effect: (act: () => void) => () => void;
  readonly signal: (value: number) => { value: number; peek(): number };
}

/** Sets some signals, each once, to these numbers: at once or one by one. */
const change = fc.record({
  isBatch: fc.boolean(),
  sets: fc.uniqueArray(fc.tuple(fc.nat(2), fc.nat(3)), {
    selector: ([which]) => which,
    minLength: 1,
  }),
});

Deno.test("[T19] whatever changes, signals tell the same as those of Preact, as often", () => {
  fc.assert(fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
    assertEquals(tell(light, changes), tell(preact, changes));
  }));
});

Deno.test("[T19] a reaction that changes what it has read comes again, and none after its end", () => {
  assertEquals(climb(light), ["1", "2", "3", "3", "7"]);
  assertEquals(climb(light), climb(preact));
});

/** What is told, change by change, of signals of which others are made, some of them only at times. */
function tell({ batch, computed, effect, signal }: Signals, changes: readonly Change[]) {
  const rounds: string[][] = [];
  let told: string[] = [];
  const signals = [signal(0), signal(0), signal(0)] as const;
  const [a, b, c] = signals;
  const parity = computed(() => {
    told.push("parity");
    return a.value % 2;
  });
  const chosen = computed(() => parity.value ? b.value : c.value);
  const sum = computed(() => chosen.value + parity.value + a.peek());
  effect(() => void told.push(`chosen ${chosen.value}`));
  const end = effect(() => void told.push(`sum ${sum.value}, ${b.value}`));
  for (const [n, { isBatch, sets }] of changes.entries()) {
    if (n === 9) end();
    told = [];
    const set = () => sets.forEach(([which, value]) => signals[which]!.value = value);
    if (isBatch) batch(set);
    else set();
    told.push(`read ${sum.value} ${chosen.peek()}`);
    // In which order reactions come that were due together is nobody's business.
    rounds.push(told.sort());
  }
  return rounds;
}

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function climb({ effect, signal }: Signals): readonly string[] {
  const told: string[] = [];
  const a = signal(0);
  const end = effect(() => {
    if (a.value < 3) a.value++;
    told.push(`${a.value}`);
  });
  a.value = 7;
  end();
  a.value = 8;
  return told;
}
