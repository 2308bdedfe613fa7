import { SeededRandom } from "../../../../server/commands/soak/seeded_random.ts";
import type { Retention, Store } from "../../../../server/core/model/store.ts";
import { messageKey } from "../../../../server/stores/kv/kv_keys.ts";
import { KvStore } from "../../../../server/stores/kv/kv_store.ts";
import type { Scheduler } from "../../scheduler.ts";
import type { NodeProcess } from "../../server/store_place.ts";
import { START_WALL } from "../../server/simulated_runtime.ts";
import { timeOf } from "../model_time.ts";
import type { StoreFaultPlan, StoreWorld } from "../store_world.ts";
import type { Fate, KvConditions } from "./kv_conditions.ts";
import { ModelKvConnection } from "./kv_connection.ts";
import { KvData } from "./kv_data.ts";

/** How often something goes wrong, from 0 to 1. */
interface Rates {
  readonly locked: number;
  readonly noRequest: number;
  readonly noReply: number;
  readonly tooLate: number;
  readonly watchEnds: number;
  /** The longest latency, and delay of a watch, in ms. */
  readonly latency: number;
  readonly watchDelay: number;
}

const CALM: Rates = {
  ...{ locked: 0, noRequest: 0, noReply: 0, tooLate: 0, watchEnds: 0 },
  ...{ latency: 5, watchDelay: 20 },
};

/** Stores of nodes in one Deno KV database at a KV Connect server, or in one file that they share. */
export class KvWorld implements StoreWorld, KvConditions {
  readonly #data: KvData;
  readonly #server: ReturnType<typeof timeOf>;
  readonly #retention: Retention;
  readonly #random: SeededRandom;
  readonly #location: string;
  #rates = CALM;

  constructor(scheduler: Scheduler, { seed, retention }: { seed: number; retention: Retention }) {
    this.#server = timeOf(scheduler.actor("Deno KV"), START_WALL);
    this.#data = new KvData(() => this.#server.wallNow());
    this.#retention = retention;
    this.#random = new SeededRandom(seed, "Deno KV");
    // A watch does not see what other processes write to a file, so that nodes also poll it.
    this.#location = this.#random.next() < 0.8 ? "https://kv.halley.test" : ":file:";
  }

  open({ actor, runtime }: NodeProcess): Promise<Store> {
    const openKv = () => {
      const [data, server, node] = [this.#data, this.#server, timeOf(actor, START_WALL)];
      return Promise.resolve(new ModelKvConnection({ data, server, node, conditions: this }));
    };
    return KvStore.open(this.#location, this.#retention, { runtime, openKv });
  }

  onCrash(): void {}

  isStored(id: number): boolean {
    return this.#data.read([messageKey(id)])[0]?.value !== null;
  }

  startFaults({ world, random, coverage, choices, from, until }: StoreFaultPlan): void {
    for (let n = Math.floor(random.next() * 4); n > 0; n--) {
      const rate = (max: number) => random.next() < 0.5 ? 0 : random.next() * max;
      const rates: Rates = {
        ...{ locked: rate(0.3), noRequest: rate(0.2), noReply: rate(0.2), tooLate: rate(0.03) },
        ...{ watchEnds: rate(0.5), latency: random.between(1, 300) },
        watchDelay: random.next() < 0.3 ? 10_000 : random.between(1, 1_000),
      };
      const start = random.between(from, until);
      const end = Math.min(until, start + random.between(100, 8_000));
      if (!choices.allows(`Deno KV disturbed (store fault ${n})`)) continue;
      world.after(start, "disturbs Deno KV", () => {
        coverage.add(
          "Deno KV",
          Object.entries(rates).flatMap(([name, rate]) => rate > 0 ? [name] : []),
        );
        this.#rates = rates;
      });
      world.after(end, "leaves Deno KV in peace", () => this.#rates = CALM);
    }
    world.after(until, "leaves Deno KV in peace", () => this.#rates = CALM);
  }

  latency(): number {
    return this.#random.next() * this.#rates.latency;
  }

  fateOf(operation: "read" | "commit"): Fate {
    const { locked, noRequest, noReply, tooLate } = this.#rates;
    const drawn = this.#random.next();
    const fates = [
      ["locked", operation === "commit" ? locked : 0],
      ["no request", noRequest],
      ["no reply", noReply],
      ["too late", tooLate],
    ] as const;
    let sum = 0;
    return fates.find(([, rate]) => drawn < (sum += rate))?.[0] ?? "done";
  }

  watchDelay(): number | undefined {
    const { watchEnds, watchDelay } = this.#rates;
    return this.#random.next() < watchEnds ? undefined : this.#random.next() * watchDelay;
  }
}
