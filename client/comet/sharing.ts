import type { Reader, ReaderOptions } from "./reader.ts";

export interface SharedReaderOptions {
  /** The name that the tabs have in common. */
  readonly group: string;
  readonly options: ReaderOptions;
  /** Opens a reader with polls of its own. */
  readonly openAlone: () => Reader;
}

/**
 * How a page reads together with its browser's other tabs. `cross_tab/share.ts` sets it in the library; the widget, which
 * loads that part later, sets its own.
 */
export const sharing: { open?: (shared: SharedReaderOptions) => Reader } = {};
