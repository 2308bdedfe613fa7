import type { Store } from "../../server/core/model/store.ts";

/** The same store, which takes something else with it when it ends. */
export function owningStore(store: Store, owned: Disposable | AsyncDisposable): Store {
  const { log, sessions, receipts, keyValue, queue, bus } = store;
  return {
    ...{ log, sessions, receipts, keyValue, queue, bus },
    get unavailableReason() {
      return store.unavailableReason;
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await (Symbol.dispose in owned ? owned[Symbol.dispose]() : owned[Symbol.asyncDispose]());
    },
  };
}
