import type { Store } from "../../server/core/model/store.ts";

/** The same store, which also disposes `resource` when it is disposed. */
export function withCleanup(store: Store, resource: Disposable | AsyncDisposable): Store {
  const { log, sessions, receipts, keyValue, queue, bus } = store;
  return {
    ...{ log, sessions, receipts, keyValue, queue, bus },
    get unavailableReason() {
      return store.unavailableReason;
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await (Symbol.dispose in resource
        ? resource[Symbol.dispose]()
        : resource[Symbol.asyncDispose]());
    },
  };
}
