import { type ReadonlySignal, signal } from "@preact/signals";
import { type PartialDictionary, provideDictionary } from "../../ui/i18n/dictionary.ts";
import { language } from "../../ui/i18n/language.ts";
import { sharing } from "../../comet/sharing.ts";
import { MemoryOutboxStore, type OutboxStore } from "../../ui/storage/outbox_store.ts";
import type * as moreModule from "../more/more.ts";
import { shared } from "./shared.ts";
import { LoadingReader } from "./loading_reader.ts";

/** What `/widget-more.js` provides. */
export type More = typeof moreModule;

export interface LoadingMore {
  /** Undefined until it is loaded. */
  readonly loaded: ReadonlySignal<More | undefined>;
  /** Opens a store of unsent messages; one in memory if it cannot be loaded. */
  openOutbox(name: string, owner: string): Promise<OutboxStore>;
  /** See `blocked_origin.ts`; false if that cannot be loaded. */
  isOriginBlocked(): Promise<boolean>;
}

/**
 * Loads the part of the chat that nobody needs before they can type. If it cannot be loaded, the chat works all the same:
 * it polls by itself, and forgets what is not sent when the page is closed.
 */
export function loadMore(server: string): LoadingMore {
  const loaded = signal<More>();
  const load = async (): Promise<More> => {
    const tag = language.value;
    type Module = { readonly provide: (modules: typeof shared) => More };
    const [{ provide }, sentences]: [Module, PartialDictionary] = await Promise.all([
      import(`${server}widget-more.js`),
      fetch(`${server}widget-more-${tag}.json`).then((response) => response.json()),
    ]);
    provideDictionary(tag, sentences);
    return loaded.value = provide(shared);
  };
  const loading = load().catch(() => undefined);
  sharing.open = (options) =>
    new LoadingReader(
      options.options,
      loading.then((more) => () => more?.openSharedReader(options) ?? options.openAlone()),
    );
  return {
    loaded,
    isOriginBlocked: () => loading.then((more) => more?.isOriginBlocked(server) ?? false),
    async openOutbox(name, owner) {
      const more = await loading;
      return more?.openOutbox(name, owner) ?? new MemoryOutboxStore();
    },
  };
}
