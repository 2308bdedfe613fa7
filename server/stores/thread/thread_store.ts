import type { Retention, Store } from "../../core/model/store.ts";
import { IN_MEMORY } from "../sqlite/sqlite_store.ts";
import type { StoreSetting } from "../store_settings.ts";
import { PortConnection } from "./port_connection.ts";
import type { ThreadRequest } from "./port_messages.ts";
import { portStore } from "./port_store.ts";

/** The settings of stores that can be in a thread. */
export type ThreadStoreSetting = Extract<StoreSetting, { kind: "memory" | "sqlite" }>;

/** A SQLite store in a thread of its own, as the isolate sees it that has opened it. */
export interface ThreadStore extends Store {
  /** A port for another isolate, which passes it to {@linkcode connectToStore}. */
  connect(): MessagePort;
}

/**
 * Starts a thread with the store of a setting. Disposing closes the store for all isolates. Throws a `StoreOpenError`.
 * `onLost` is called if the thread ends because of an error: nothing works without it.
 */
export async function openThreadStore(
  setting: ThreadStoreSetting,
  retention: Retention,
  { onLost = () => {} }: { readonly onLost?: (reason: string) => void } = {},
): Promise<ThreadStore> {
  const url = new URL("./store_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module", name: "store" });
  const connect = (open?: ThreadRequest["open"]): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    const request: ThreadRequest = { port: port2, ...(open && { open }) };
    worker.postMessage(request, [port2]);
    return port1;
  };
  try {
    const failed = Promise.withResolvers<never>();
    worker.onerror = (event) => {
      event.preventDefault();
      failed.reject(new Error(reasonOf(event)));
    };
    const path = setting.kind === "memory" ? IN_MEMORY : setting.path;
    const opening = PortConnection.open(connect({ path, retention }));
    const connection = await Promise.race([opening, failed.promise]);
    worker.onerror = (event) => {
      event.preventDefault();
      connection.end(reasonOf(event));
      onLost(reasonOf(event));
    };
    const store = portStore(connection, async () => {
      await connection.close(true);
      worker.terminate();
    });
    return Object.assign(store, { connect: () => connect() });
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

/** Connects an isolate to the store in a thread, through a port of {@linkcode ThreadStore.connect}. */
export async function connectToStore(port: MessagePort): Promise<Store> {
  const connection = await PortConnection.open(port);
  return portStore(connection, () => connection.close(false));
}

function reasonOf({ message, filename, lineno }: ErrorEvent): string {
  return `The thread of the store has ended: ${message} (${filename}:${lineno})`;
}
