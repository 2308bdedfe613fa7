import { signal } from "@preact/signals";
import type * as searchModule from "../search/search.ts";
import type { PageState } from "../state/page_state.ts";

type SearchPart = typeof searchModule;

/** The search for messages, which is loaded when somebody wants it. Undefined until then. */
export const search = signal<SearchPart | undefined>(undefined);

/** The page sets it. */
export const searchLoader: { load?: () => Promise<SearchPart> } = {};

/** Loads it; returns whether it is there. */
export async function loadSearch(): Promise<boolean> {
  try {
    search.value ??= await searchLoader.load?.();
  } catch {
    // The network is down, or the server has a new version of the page.
  }
  return search.value !== undefined;
}

/** Opens the dialog that leads to a date. */
export async function openJump(page: PageState): Promise<void> {
  page.dialog.value = await loadSearch() ? "date" : "failure";
}

/** The search for messages, while it is open: a column, or on a narrow screen in place of the conversation. */
export function SearchPane({ page }: { readonly page: PageState }) {
  const wish = page.search.value;
  const part = search.value;
  if (!wish || !part) return null;
  const close = () => {
    page.closeSearch();
    // When the button is visible again.
    setTimeout(() => document.querySelector<HTMLElement>(".show-search")?.focus());
  };
  return <part.SearchPanel page={page} wish={wish} onClose={close} />;
}
