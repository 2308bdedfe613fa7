import type { SearchHit } from "../../comet/halley.ts";
import { formatDateTime, formatShort } from "../i18n/format_time.ts";
import { strings as pageStrings } from "../i18n/page_strings.ts";
import type { PageState } from "../state/page_state.ts";
import { NameMark } from "../views/person_name.tsx";
import { excerptOf } from "./excerpt.ts";
import { hitTitle } from "./hit_title.ts";

interface HitProps {
  readonly page: PageState;
  readonly hit: SearchHit;
  /** Whether messages of other conversations can be found, too. */
  readonly hasTitle: boolean;
  readonly isOpened: boolean;
  readonly isTabStop: boolean;
  readonly onFocus: () => void;
  readonly onOpen: () => void;
}

/** A message that was found: who wrote it, where and when, and the part of the text with the words. */
export function Hit({ page, hit, hasTitle, isOpened, isTabStop, onFocus, onOpen }: HitProps) {
  const { message, words } = hit;
  const { from, as, at, title, text = "" } = message;
  const { names, self } = page.chat;
  const { you, system } = pageStrings.value;
  const isOwn = from?.publicToken === self.publicToken;
  return (
    <li>
      <button
        type="button"
        class="hit"
        aria-current={isOpened ? "true" : undefined}
        tabIndex={isTabStop ? 0 : -1}
        onFocus={onFocus}
        onClick={onOpen}
      >
        <span class="sender">
          <span dir="auto">{isOwn ? you : (from ?? as)?.displayName ?? system}</span>
          {from && !isOwn && <NameMark mark={names.markOf(from)} />}
        </span>
        <time dateTime={new Date(at).toISOString()} title={formatDateTime(at)}>
          {formatShort(at)}
        </time>
        {hasTitle && <span class="place" dir="auto">{hitTitle(page, message)}</span>}
        <span class="excerpt" dir="auto">
          {title && <strong>{title}</strong>}
          {excerptOf(text, words).map(({ text, isFound }, n) =>
            isFound ? <mark key={n}>{text}</mark> : text
          )}
        </span>
      </button>
    </li>
  );
}
