import { assertEquals, assertLessOrEqual } from "@std/assert";
import { SharedCounts } from "../../server/base/shared_counts.ts";
import { SharedTable } from "../../server/base/shared_table.ts";

const CLIENTS = Array.from({ length: 5_000 }, (_, n) => `192.0.2.${n}`);

/** Two views of one table of 1,024 rows, as two workers have them, and the worth of its rows. */
function openPair() {
  const memory = SharedTable.allocate(1_024, SharedArrayBuffer);
  const worth: number[] = Array(1_024).fill(0);
  const taken: number[] = [];
  const open = () =>
    new SharedTable(memory, {
      worthOf: (row) => worth[row] ?? 0,
      onTaken: (row) => taken.push(row),
    });
  return { left: open(), right: open(), worth, taken };
}

Deno.test("[Z3] workers find a key in the same row, whichever of them was first", () => {
  const { left, right, taken } = openPair();
  const some = CLIENTS.slice(0, 100);

  const rows = some.map((client, n) => (n % 2 === 0 ? left : right).find(client)?.row);

  assertEquals(some.map((client) => right.find(client)?.row), rows);
  assertEquals([new Set(rows).size, taken.length], [100, 100]);
  assertEquals([left.has("192.0.2.7"), left.has("nobody")], [true, false]);
});

Deno.test("[Y7] a new client takes the row that is worth the least, and none that must be kept", () => {
  const { left, worth } = openPair();
  const kept = left.find("kept");
  const valuable = left.find("valuable");
  worth[kept?.row ?? 0] = Infinity;
  worth[valuable?.row ?? 0] = 1;

  for (const client of CLIENTS) left.find(client);

  assertEquals([kept && left.holds(kept), valuable && left.holds(valuable)], [true, true]);
  assertEquals(CLIENTS.filter((client) => left.has(client)).length, 1_022);
});

Deno.test("[Z3] if all rows of a set must be kept, a key has no place", () => {
  const counts = new SharedCounts(SharedCounts.allocate(64));
  let entered = 0;

  for (const client of CLIENTS) {
    const place = counts.find(client);
    if (place === undefined) continue;
    counts.enter(place);
    entered++;
  }

  assertEquals(entered, 64);
});

Deno.test("[Z3] counts of twenty thousand parked polls have places for nearly all keys", () => {
  const counts = new SharedCounts(SharedCounts.allocate(19_500 * 6));
  let missing = 0;

  for (let n = 0; n < 19_500; n++) {
    for (const key of [`tab ${n}`, `owner ${n}`, `network ${n}`]) {
      const place = counts.find(key);
      if (place === undefined) missing++;
      else counts.enter(place);
    }
  }

  assertLessOrEqual(missing, 500);
});

/** Looks for a key that another worker is just inserting, and puts a value into its row. */
const FINDER = `
  import { SharedTable } from "${new URL("../../server/base/shared_table.ts", import.meta.url)}";
  self.onmessage = ({ data: { memory, values, state } }) => {
    const table = new SharedTable(memory, { worthOf: () => 0, onTaken: () => {} });
    self.postMessage("ready");
    while (Number(Atomics.load(state, 0)) === 0);
    const row = table.find("tea")?.row ?? -1;
    Atomics.store(values, row, 7);
    self.postMessage(row);
  };
`;

Deno.test("[Z3] what a worker puts into a row that another one is just taking stays there", async () => {
  const memory = SharedTable.allocate(1_024, SharedArrayBuffer);
  const values = new Int32Array(new SharedArrayBuffer(4 * 1_024));
  const state = new Int32Array(new SharedArrayBuffer(4));
  const url = `data:application/typescript,${encodeURIComponent(FINDER)}`;
  const finder = new Worker(url, { type: "module" });
  const next = () => new Promise((resolve) => finder.onmessage = ({ data }) => resolve(data));
  const ready = next();
  finder.postMessage({ memory, values, state });
  await ready;
  const found = next();

  const table = new SharedTable(memory, {
    worthOf: () => 0,
    onTaken: (row) => {
      Atomics.store(state, 0, 1);
      // The other worker has time to find the key.
      const end = performance.now() + 100;
      while (performance.now() < end);
      Atomics.store(values, row, 0);
    },
  });
  const place = table.find("tea");

  assertEquals([await found, place && values[place.row]], [place?.row, 7]);
  finder.terminate();
});
