import type { Retention } from "../../../server/core/model/store.ts";
import type { Scheduler } from "../scheduler.ts";
import { KvWorld } from "./kv/kv_world.ts";
import { NatsWorld } from "./nats/nats_world.ts";
import type { StoreWorld } from "./store_world.ts";

/** The stores that can be simulated. SQLite has one node only. */
export const STORES = ["sqlite", "kv", "nats"] as const;
export type StoreKind = typeof STORES[number];

/** The longest time in ms for which faults of a store can keep a message from the readers of a node. */
export const STORE_PAUSE_MS = { sqlite: 1_000, kv: 20_000, nats: 30_000 } as const;

/** A store that nodes share; `undefined` for SQLite. */
export function openStoreWorld(
  store: StoreKind,
  scheduler: Scheduler,
  options: { readonly seed: number; readonly retention: Retention },
): StoreWorld | undefined {
  switch (store) {
    case "sqlite":
      return undefined;
    case "kv":
      return new KvWorld(scheduler, options);
    case "nats":
      return new NatsWorld(scheduler, options);
  }
}
