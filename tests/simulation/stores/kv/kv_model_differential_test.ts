import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../server/commands/soak/seeded_random.ts";
import type { KvConnection } from "../../../../server/stores/kv/kv_database.ts";
import { RealTime } from "../model_time.ts";
import { CALM } from "./kv_conditions.ts";
import { ModelKvConnection } from "./kv_connection.ts";
import { KvData } from "./kv_data.ts";

const PARTS = ["", "a", "a\0", "b", "é", "😀", -1, 0, 2.5, 256, 1e15, Infinity, true, false];

Deno.test("[K40] the model of Deno KV answers random operations as Deno KV does", async () => {
  const random = new SeededRandom(7, "operations");
  using time = new RealTime();
  using real = await Deno.openKv(":memory:");
  const data = new KvData(() => time.wallNow());
  const model = new ModelKvConnection({ data, conditions: CALM, server: time, node: time });
  const versions = { real: new Versions(), model: new Versions() };

  for (let n = 0; n < 800; n++) {
    const run = operation(random);
    const answers = await Promise.all([
      answerOf(() => run(real, versions.real)),
      answerOf(() => run(model, versions.model)),
    ]);

    assertEquals(answers[1], answers[0], `operation ${n}`);
  }
});

/** The versionstamps of a database, by their order. Those of Deno KV are not consecutive. */
class Versions {
  readonly #known: (string | null)[] = [null];

  add(versionstamp: string): void {
    this.#known.push(versionstamp);
  }

  indexOf(versionstamp: string | null): number {
    return this.#known.indexOf(versionstamp);
  }

  /** One of the last versionstamps, or `null`. */
  recent(back: number): string | null {
    return this.#known.at(-1 - back) ?? null;
  }
}

type Operation = (kv: KvConnection, versions: Versions) => Promise<unknown>;

function operation(random: SeededRandom): Operation {
  const number = (max: number) => Math.floor(random.next() * max);
  const key = () => Array.from({ length: 1 + number(2) }, () => PARTS[number(PARTS.length)] ?? "");
  const kind = number(4);
  if (kind === 0) {
    const keys = Array.from({ length: number(12) }, key);
    return async (kv, versions) => (await kv.getMany(keys)).map((one) => shown(one, versions));
  }
  if (kind === 1) {
    const [one, other, shape] = [key(), key(), number(4)];
    const options = { limit: 1 + number(20), batchSize: 1 + number(5), reverse: number(2) === 1 };
    const selector = shape === 0
      ? { prefix: one }
      : shape === 1
      ? { prefix: one, start: [...one, ...other] }
      : shape === 2
      ? { prefix: one, end: [...one, ...other] }
      : { start: one, end: other };
    return async (kv, versions) => {
      const entries = await Array.fromAsync(kv.list(selector, options));
      return entries.map((entry) => shown(entry, versions));
    };
  }
  const changes = Array.from({ length: 1 + number(3) }, () => ({
    ...{ key: key(), kind: number(4), value: number(1e6), checked: number(40), sum: number(9) },
  }));
  return async (kv, versions) => {
    const atomic = kv.atomic();
    for (const { key, kind, value, checked, sum } of changes) {
      if (kind === 0) {
        const { versionstamp } = await kv.get(key);
        atomic.check({ key, versionstamp: checked < 4 ? versions.recent(checked) : versionstamp });
      }
      if (kind <= 1) atomic.set(key, { value, bytes: new Uint8Array(checked) });
      else if (kind === 2) atomic.sum(["sum", sum], BigInt.asUintN(64, BigInt(value - 5e5)));
      else atomic.delete(key);
    }
    const result = await atomic.commit();
    if (result.ok) versions.add(result.versionstamp);
    return result.ok;
  };
}

function shown({ key, value, versionstamp }: Deno.KvEntryMaybe<unknown>, versions: Versions) {
  return [key, value instanceof Deno.KvU64 ? value.value : value, versions.indexOf(versionstamp)];
}

/** The answer, or that it was refused. */
async function answerOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return error instanceof TypeError ? "refused" : String(error);
  }
}
