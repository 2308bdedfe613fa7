import type { Runtime } from "../../base/runtime.ts";
import { SharedTable, type TableMemory } from "../../base/shared_table.ts";
import { Refused } from "../model/refused.ts";

/** The memory of {@linkcode RecentKicks}, which can be sent to a worker. */
export interface KickMemory {
  readonly table: TableMemory;
  /** One `Int32` for each row: the number of its token, in the order in which they were added. */
  readonly order: ArrayBufferLike;
  /** One `Int32`: the number of tokens that were added. */
  readonly count: ArrayBufferLike;
}

/** Maximum number of private tokens, of which the newest are kept. */
const CAPACITY = 2_048;

/**
 * Private tokens of sessions that administrators have recently ended, so that their clients are told the reason by whichever
 * worker they ask. Hashes of the tokens are kept.
 */
export class RecentKicks {
  readonly #table: SharedTable;

  static allocate(
    Memory: new (bytes: number) => ArrayBufferLike,
    runtime?: Runtime,
  ): KickMemory {
    const table = SharedTable.allocate(CAPACITY, Memory, runtime);
    return { table, order: new Memory(CAPACITY * 4), count: new Memory(4) };
  }

  /** `memory`: what the workers of a process share, if there are several. */
  constructor(runtime: Runtime, memory?: KickMemory) {
    const { table, order, count } = memory ?? RecentKicks.allocate(ArrayBuffer, runtime);
    const orders = new Int32Array(order);
    const counts = new Int32Array(count);
    this.#table = new SharedTable(table, {
      worthOf: (row) => Atomics.load(orders, row),
      onTaken: (row) => Atomics.store(orders, row, Atomics.add(counts, 0, 1)),
    });
  }

  add(privateTokens: Iterable<string>): void {
    for (const token of privateTokens) this.#table.find(token);
  }

  /** Rejects the private token of such a session with `kicked`. */
  check(privateToken: string): void {
    if (!this.#table.has(privateToken)) return;
    throw new Refused("kicked", "An administrator has ended this session");
  }
}
