import type { Config } from "../config/config.ts";
import type { Retention, Store } from "../core/model/store.ts";
import { openStore, type StoreEvents } from "../stores/open_store.ts";
import { StoreOpenError } from "../stores/store_open_error.ts";
import type { ThreadStoreSetting } from "../stores/thread/thread_store.ts";

/** The store of a process, as its main isolate uses it. */
export interface ProcessStore {
  readonly store: Store;
  /** A port for another worker; `undefined` if each worker opens the store by itself, as nodes of several machines do. */
  readonly connect: () => MessagePort | undefined;
}

/**
 * Opens the store for a process with several workers. SQLite and memory are in one thread for all of them; Deno KV and NATS
 * each worker opens for itself. Throws a `StoreOpenError`.
 */
export async function openProcessStore(config: Config, events: StoreEvents): Promise<ProcessStore> {
  const { store: setting } = config;
  const retention = retentionOf(config);
  const inThread = async (setting: ThreadStoreSetting): Promise<ProcessStore> => {
    // Imported on demand: Deno Deploy has no workers.
    const { openThreadStore } = await import("../stores/thread/thread_store.ts");
    const store = await openThreadStore(setting, retention, events);
    return { store, connect: () => store.connect() };
  };
  if (setting.kind === "memory" || setting.kind === "sqlite") return await inThread(setting);
  try {
    // Not optional: a memory of its own for each worker would be several logs.
    const { onMemoryFallback: _, ...others } = events;
    return { store: await openStore(setting, retention, others), connect: () => undefined };
  } catch (error) {
    const mayFallBack = setting.kind === "kv" && setting.isOptional;
    if (!mayFallBack || !(error instanceof StoreOpenError)) throw error;
    events.onMemoryFallback?.(error.message);
    return await inThread({ kind: "memory" });
  }
}

export function retentionOf(config: Config): Retention {
  return {
    maxMessages: config.retainMessages,
    maxPrivate: config.retainPrivate,
    maxBytes: config.retainBytes,
    maxAgeMs: config.retainAge,
    keyAgeMs: config.keyAge,
  };
}
