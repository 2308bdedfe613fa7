import { strings as chatStrings } from "../i18n/chat_strings.ts";
import { refusalText } from "../i18n/refusal_text.ts";
import type { MessageSearch } from "./message_search.ts";
import { strings } from "./search_strings.ts";

interface SearchStateProps {
  readonly search: MessageSearch;
  /** The title of the conversation that can be searched alone; undefined if none is selected. */
  readonly title: string | undefined;
}

/** How many messages were found, for screen readers too, or why that is not known. */
export function SearchState({ search, title }: SearchStateProps) {
  const { status, hits, hasMore, unindexed } = search;
  return (
    <>
      <p class="hint" role="status">{countText(search)}</p>
      {unindexed.value > 0 && (
        <p class="hint">{strings.value.unindexed({ count: unindexed.value })}</p>
      )}
      <Failure search={search} title={title} />
      {status.value === "done" && hasMore.value && hits.value.length === 0 && (
        <button
          type="button"
          class="secondary"
          onClick={() => search.loadMore()}
        >
          {strings.value.searchOn}
        </button>
      )}
    </>
  );
}

function countText({ status, hits, hasMore }: MessageSearch): string {
  const { idle, searching, found, foundSoFar, nothing, nothingSoFar } = strings.value;
  const count = hits.value.length;
  switch (status.value) {
    case "idle":
      return idle;
    case "searching":
      return searching;
    case "done":
      if (count === 0) return hasMore.value ? nothingSoFar : nothing;
      return hasMore.value ? foundSoFar({ count }) : found({ count });
    default:
      return "";
  }
}

function Failure({ search, title }: SearchStateProps) {
  const { status, isEverywhere } = search;
  const { value } = status;
  if (value === "idle" || value === "searching" || value === "done") return null;
  const { serverUnreachable, tryAgain } = chatStrings.value;
  const { unavailable, tooManyWords, here } = strings.value;
  if (value === "tooLong") return <p class="error-line" role="alert">{tooManyWords}</p>;
  if (value !== "unreachable" && value.code === "search_unavailable") {
    return (
      <div role="alert">
        <p>{unavailable}</p>
        {title !== undefined && (
          <button
            type="button"
            class="secondary"
            onClick={() => isEverywhere.value = false}
          >
            {here({ title })}
          </button>
        )}
      </div>
    );
  }
  const text = value === "unreachable"
    ? serverUnreachable
    : value.code === "invalid_request"
    ? tooManyWords
    : refusalText(value.code);
  return (
    <div role="alert">
      <p class="error-line">{text}</p>
      <button type="button" class="secondary" onClick={() => search.searchNow()}>{tryAgain}</button>
    </div>
  );
}
