import { SeededRandom } from "../../../../server/commands/soak/seeded_random.ts";
import type { Retention, Store } from "../../../../server/core/model/store.ts";
import { NatsStore } from "../../../../server/stores/nats/nats_store.ts";
import type { Scheduler } from "../../scheduler.ts";
import type { NodeProcess } from "../../server/store_place.ts";
import { START_WALL } from "../../server/simulated_runtime.ts";
import { timeOf } from "../model_time.ts";
import type { StoreFaultPlan, StoreWorld } from "../store_world.ts";
import type { ModelConnection } from "./model_connection.ts";
import type { NatsConditions } from "./nats_conditions.ts";
import { NatsModel } from "./nats_model.ts";

/** How often a message between servers is lost, from 0 to 1, and the longest times in ms. */
interface Rates {
  readonly request: number;
  readonly reply: number;
  readonly delivery: number;
  readonly latency: number;
  readonly replication: number;
  readonly lag: number;
}

const CALM: Rates = {
  ...{ request: 0, reply: 0, delivery: 0 },
  ...{ latency: 2, replication: 5, lag: 5 },
};

/** The longest time in ms of an election, and that of a server until it is up again. */
const MAX = { election: 4_000, restart: 5_000 } as const;

/** The stream of the log. */
const LOG = "HALLEY";

/** Stores of nodes in one cluster of NATS servers, or at a single one. */
export class NatsWorld implements StoreWorld, NatsConditions {
  readonly #nats: NatsModel;
  readonly #servers: number;
  readonly #retention: Retention;
  readonly #random: SeededRandom;
  readonly #connections = new Map<NodeProcess, ModelConnection>();
  #rates = CALM;
  #isFull = false;

  constructor(scheduler: Scheduler, { seed, retention }: { seed: number; retention: Retention }) {
    this.#random = new SeededRandom(seed, "NATS");
    this.#servers = this.#random.next() < 0.3 ? 1 : 3;
    // What is removed from the index is still in the stream, so that nobody outside can tell whether it is stored.
    this.#retention = { ...retention, maxMessages: 1e6, maxPrivate: 1e6 };
    this.#nats = new NatsModel({
      time: timeOf(scheduler.actor("NATS"), START_WALL),
      conditions: this,
      servers: this.#servers,
      newServers: new SeededRandom(seed, "the version of NATS").next() < 0.5 ? this.#servers : 0,
    });
  }

  open(process: NodeProcess, lose: (reason: string) => void): Promise<Store> {
    return NatsStore.open({
      connection: { servers: ["nats.halley.test"], tls: false },
      retention: this.#retention,
      replicas: this.#servers,
      runtime: process.runtime,
      onLost: lose,
      connect: async () => {
        // A program waits for its connection.
        await process.runtime.delay(this.latency());
        if (this.#nats.up.length === 0) throw new Error("connection refused");
        const connection = this.#nats.connect(timeOf(process.actor, START_WALL));
        this.#connections.set(process, connection);
        return connection;
      },
    });
  }

  onCrash(process: NodeProcess): void {
    this.#connections.get(process)?.abandon();
    this.#connections.delete(process);
  }

  isStored(id: number): boolean {
    return this.#nats.has(LOG, id);
  }

  startFaults({ world, random, coverage, choices, from, until, onLoss }: StoreFaultPlan): void {
    const some = (max: number, fault: () => void) => {
      for (let n = Math.floor(random.next() * (max + 1)); n > 0; n--) fault();
    };
    let count = 0;
    const happens = (what: string, run: () => void) => {
      const at = random.between(from, until);
      if (!choices.allows(`${what} (store fault ${++count})`)) return;
      world.after(at, what, () => {
        coverage.add(what, [`${this.#nats.up.length} of ${this.#servers} servers up`]);
        run();
      });
    };
    some(2, () => {
      const server = Math.floor(random.next() * this.#servers);
      const restart = random.between(200, MAX.restart);
      happens("NATS server crashes", () => {
        this.#nats.crash(server);
        world.after(restart, "starts a NATS server", () => this.#nats.restart(server));
      });
    });
    some(2, () => {
      const stream = random.pick(["", "_SESSIONS", "_RECORDS", "_RECEIPTS", "_TASKS"]) ?? "";
      happens("NATS leader steps down", () => this.#nats.stepDown(`${LOG}${stream}`));
    });
    some(2, () => happens("NATS connection cut", () => random.pick(this.#nats.connections)?.cut()));
    some(
      1,
      () => happens("NATS connection silent", () => random.pick(this.#nats.connections)?.silence()),
    );
    some(2, () => {
      const rate = (max: number) => random.next() < 0.5 ? 0 : random.next() * max;
      const rates: Rates = {
        ...{ request: rate(0.2), reply: rate(0.2), delivery: rate(0.2) },
        ...{ latency: random.between(1, 100), replication: random.between(1, 300) },
        lag: random.between(1, random.next() < 0.5 ? 100 : 4_000),
      };
      const length = random.between(100, 8_000);
      happens("NATS messages lost or late", () => {
        this.#rates = rates;
        world.after(length, "lets NATS calm down", () => this.#rates = CALM);
      });
    });
    some(1, () => {
      const length = random.between(100, 5_000);
      happens("NATS disks full", () => {
        this.#isFull = true;
        world.after(length, "frees the disks of NATS", () => this.#isFull = false);
      });
    });
    if (onLoss !== undefined) {
      const lost = 1 + Math.floor(random.next() * 5);
      const restart = random.between(200, MAX.restart);
      happens("NATS power failure", () => {
        this.#nats.failPower((stream) => stream === LOG ? lost : 0);
        onLoss(this.#nats.newest(LOG));
        world.after(restart, "starts all NATS servers", () => {
          for (let server = 0; server < this.#servers; server++) this.#nats.restart(server);
        });
      });
    }
    world.after(until + MAX.restart, "lets NATS calm down", () => {
      this.#rates = CALM;
      this.#isFull = false;
    });
  }

  latency(): number {
    return this.#random.next() * this.#rates.latency;
  }

  replication(): number {
    return this.#random.next() * this.#rates.replication;
  }

  lag(): number {
    return this.#random.next() * this.#rates.lag;
  }

  election(): number {
    return this.#random.next() * MAX.election;
  }

  isLost(what: "request" | "reply" | "delivery"): boolean {
    return this.#random.next() < this.#rates[what];
  }

  isFull(): boolean {
    return this.#isFull;
  }

  choose(count: number): number {
    return Math.floor(this.#random.next() * count);
  }
}
