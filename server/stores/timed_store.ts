import { type Runtime, SYSTEM_RUNTIME } from "../base/runtime.ts";
import type { MessageLog, Store } from "../core/model/store.ts";

/** Called with the duration of every operation of a log. */
export type OnDuration = (operation: "append" | "read" | "history", ms: number) => void;

/** Returns the same store, with a log whose operations are timed. */
export function timedStore(
  store: Store,
  onDuration: OnDuration,
  runtime: Runtime = SYSTEM_RUNTIME,
): Store {
  const { sessions, receipts, keyValue, queue, bus, openFileStorage } = store;
  return {
    log: timedLog(store.log, onDuration, runtime),
    sessions,
    receipts,
    keyValue,
    queue,
    bus,
    ...(openFileStorage && { openFileStorage: () => openFileStorage.call(store) }),
    get unavailableReason() {
      return store.unavailableReason;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function timedLog(log: MessageLog, onDuration: OnDuration, runtime: Runtime): MessageLog {
  const timed = <T>(operation: Parameters<OnDuration>[0], run: () => Promise<T>): Promise<T> => {
    const start = runtime.monotonicNow();
    const onEnd = () => onDuration(operation, runtime.msSince(start));
    const result = run();
    result.then(onEnd, onEnd);
    return result;
  };
  return {
    epoch: log.epoch,
    search: log.search,
    append: (drafts) => timed("append", () => log.append(drafts)),
    read: (...args) => timed("read", () => log.read(...args)),
    history: (...args) => timed("history", () => log.history(...args)),
    scan: (...args) => log.scan(...args),
    get: (id) => log.get(id),
    newestId: (...args) => log.newestId(...args),
    follow: (...args) => log.follow(...args),
    trim: (...args) => log.trim(...args),
  };
}
