import { assertEquals, assertNotEquals } from "@std/assert";
import { type Fault, FAULT_NAMES, Faults } from "../../server/commands/soak/faults.ts";
import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";

function numbersOf(random: SeededRandom): number[] {
  return Array.from({ length: 5 }, () => random.next());
}

function drawsOf(faults: Faults): (Fault | undefined)[] {
  const random = new SeededRandom(7, "alice");
  return Array.from({ length: 200 }, () => faults.draw(random, ["abort", "away", "slow"]));
}

Deno.test("[K7] the same seed and name give the same numbers, and others give others", () => {
  const first = numbersOf(new SeededRandom(7, "alice"));

  assertEquals(numbersOf(new SeededRandom(7, "alice")), first);
  assertNotEquals(numbersOf(new SeededRandom(8, "alice")), first);
  assertNotEquals(numbersOf(new SeededRandom(7, "bob")), first);
});

Deno.test("[K7] disabling a fault does not change the other decisions", () => {
  const all = new Faults(FAULT_NAMES, 0.2);
  const some = new Faults(["abort"], 0.2);
  for (const faults of [all, some]) faults.start();

  const drawn = drawsOf(all);

  assertEquals(drawsOf(some), drawn.map((kind) => kind === "abort" ? kind : undefined));
  assertEquals(new Set(drawn), new Set([undefined, "abort", "away", "slow"]));
});

Deno.test("[K7] there are no faults before the start and after the end", () => {
  const faults = new Faults(FAULT_NAMES, 1);

  const before = drawsOf(faults);
  faults.start();
  const during = drawsOf(faults);
  faults.stop();

  assertEquals(before.every((kind) => kind === undefined), true);
  assertEquals(during.every((kind) => kind !== undefined), true);
  assertEquals(drawsOf(faults).every((kind) => kind === undefined), true);
});

Deno.test("[K7] the numbers are distributed evenly", () => {
  const random = new SeededRandom(1, "alice");
  const counts = Array.from({ length: 10 }, () => 0);

  for (let n = 0; n < 10_000; n++) {
    const bucket = Math.floor(random.next() * 10);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }

  assertEquals(counts.every((count) => count > 850 && count < 1_150), true, String(counts));
});
