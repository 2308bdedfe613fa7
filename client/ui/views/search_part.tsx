import type * as searchModule from "../search/search.ts";
import type { PageState } from "../state/page_state.ts";
import { PagePart } from "./page_part.ts";

/** The search for messages. */
export const search = new PagePart<typeof searchModule>("search");

/** Opens the dialog that leads to a date. */
export async function openJump(page: PageState): Promise<void> {
  page.dialog.value = await search.load() ? "date" : "failure";
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
