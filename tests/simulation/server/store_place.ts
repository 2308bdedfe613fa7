import type { Runtime } from "../../../server/base/runtime.ts";
import type { Store } from "../../../server/core/model/store.ts";
import type { Actor } from "../actor.ts";
import type { WallClock } from "./simulated_runtime.ts";

/** One worker of a process of a node: from the start of the process to its crash or its end. */
export interface NodeProcess {
  readonly actor: Actor;
  readonly runtime: Runtime;
  /** The wall clock of its machine. */
  readonly clock: WallClock;
}

/** Where a node stores everything: what is left after a crash, the next process finds. */
export interface StorePlace {
  /** Opens the store for a worker. `lose` ends its process. Rejects if it cannot be opened now. */
  open(process: NodeProcess, lose: (reason: string) => void): Promise<Store>;
  /** The process is dead. Called for each of its workers. */
  onCrash(process: NodeProcess): void;
  /** The thread of the store of a process, if it has one. */
  readonly thread?: Actor | undefined;
}
