import type { MessageLog, Store } from "../core/model/store.ts";

/** Told how long (ms) the log took. */
export type OnDuration = (operation: "append" | "read" | "history", milliseconds: number) => void;

/** The same store; how long its log takes is told. */
export function timedStore(store: Store, onDuration: OnDuration): Store {
  const { sessions, receipts, keyValue, queue, bus } = store;
  return {
    log: timedLog(store.log, onDuration),
    sessions,
    receipts,
    keyValue,
    queue,
    bus,
    get unavailableReason() {
      return store.unavailableReason;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function timedLog(log: MessageLog, onDuration: OnDuration): MessageLog {
  const timed = async <T>(
    operation: Parameters<OnDuration>[0],
    work: () => Promise<T>,
  ): Promise<T> => {
    const start = performance.now();
    try {
      return await work();
    } finally {
      onDuration(operation, performance.now() - start);
    }
  };
  return {
    epoch: log.epoch,
    append: (drafts) => timed("append", () => log.append(drafts)),
    read: (...asked) => timed("read", () => log.read(...asked)),
    history: (...asked) => timed("history", () => log.history(...asked)),
    get: (id) => log.get(id),
    newestId: () => log.newestId(),
    follow: (...asked) => log.follow(...asked),
    trim: (...asked) => log.trim(...asked),
  };
}
