import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Store } from "../../../server/core/model/store.ts";
import { StoreOpenError } from "../../../server/stores/store_open_error.ts";
import { PortConnection } from "../../../server/stores/thread/port_connection.ts";
import { portStore } from "../../../server/stores/thread/port_store.ts";
import { StoreHost } from "../../../server/stores/thread/store_host.ts";
import type { Actor } from "../actor.ts";
import type { Scheduler } from "../scheduler.ts";
import { simulatedChannel } from "./simulated_port.ts";
import { simulatedRuntime } from "./simulated_runtime.ts";
import type { SqlitePlace } from "./sqlite_place.ts";
import type { NodeProcess, StorePlace } from "./store_place.ts";

/** The thread of one process. */
interface Thread {
  readonly actor: Actor;
  /** The worker that has started it. */
  readonly starter: NodeProcess;
  readonly host: Promise<StoreHost | string>;
}

/** The SQLite store of a node in a thread, as a process with several workers has it: they reach it through ports. */
export class ThreadPlace implements StorePlace {
  readonly #place: SqlitePlace;
  readonly #scheduler: Scheduler;
  readonly #seed: number;
  readonly #random: SeededRandom;
  #threads = 0;
  #thread: Thread | undefined;

  constructor(place: SqlitePlace, scheduler: Scheduler, seed: number) {
    this.#place = place;
    this.#scheduler = scheduler;
    this.#seed = seed;
    this.#random = new SeededRandom(seed, "ports");
  }

  get thread(): Actor | undefined {
    return this.#thread?.actor;
  }

  /** The first worker of a process starts the thread, and closes the store for all. */
  async open(process: NodeProcess, lose: (reason: string) => void): Promise<Store> {
    const isFirst = this.#thread === undefined;
    const thread = this.#thread ??= this.#start(process, lose);
    const [port, other] = simulatedChannel(process.actor, thread.actor, this.#random);
    thread.actor.after(this.#random.next(), "gets a port", async () => {
      const host = await thread.host;
      if (typeof host !== "string") host.serve(other);
      else other.postMessage([["openFailed", host]]);
    });
    const connection = await PortConnection.open(port, process.runtime);
    return portStore(connection, () => connection.close(isFirst));
  }

  onCrash(process: NodeProcess): void {
    if (this.#thread?.starter !== process) return;
    this.#thread.actor.crash("ends");
    this.#thread = undefined;
    this.#place.onCrash();
  }

  isStored(id: number): boolean {
    return this.#place.isStored(id);
  }

  #start(starter: NodeProcess, lose: (reason: string) => void): Thread {
    const actor = this.#scheduler.actor("store");
    const random = new SeededRandom(this.#seed, `store ${++this.#threads}`);
    const runtime = simulatedRuntime(actor, random, starter.clock);
    const host = actor.later(1, "opens the database", async () => {
      try {
        const store = await this.#place.open({ ...starter, actor, runtime }, lose);
        return new StoreHost(store, runtime);
      } catch (error) {
        if (error instanceof StoreOpenError) return error.message;
        throw error;
      }
    });
    return { actor, starter, host };
  }
}
