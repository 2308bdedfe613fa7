import { type ReadonlySignal, signal } from "@preact/signals";
import { sharing } from "../../comet/sharing.ts";
import { MemoryOutboxStore, type OutboxStore } from "../../ui/storage/outbox_store.ts";
import type * as moreModule from "../more/more.ts";
import { LoadingReader } from "./loading_reader.ts";
import { shared } from "./shared.ts";

/** What `/widget-more.js` provides. */
export type More = typeof moreModule;

export interface LoadingMore {
  /** Undefined until it is loaded. */
  readonly loaded: ReadonlySignal<More | undefined>;
  /** Opens a store of unsent messages; one in memory if it cannot be loaded. */
  openOutbox(name: string, owner: string): Promise<OutboxStore>;
}

/**
 * Loads the part of the chat that nobody needs before they can type. If it cannot be loaded, the chat works all the same:
 * it polls by itself, and forgets what is not sent when the page is closed.
 */
export function loadMore(server: string): LoadingMore {
  const loaded = signal<More | undefined>(undefined);
  const loading: Promise<More | undefined> = import(`${server}widget-more.js`).then(
    ({ provide }: { provide: (modules: typeof shared) => More }) => loaded.value = provide(shared),
    () => undefined,
  );
  sharing.open = (options) =>
    new LoadingReader(
      options.options,
      loading.then((more) => () => more?.openSharedReader(options) ?? options.openAlone()),
    );
  return {
    loaded,
    async openOutbox(name, owner) {
      const more = await loading;
      return more?.openOutbox(name, owner) ?? new MemoryOutboxStore();
    },
  };
}
