import { strings } from "../i18n/chat_strings.ts";
import type { Conversation } from "../state/conversation.ts";
import type { History } from "../state/history.ts";

interface HistoryStartProps {
  readonly conversation: Conversation;
  /** Shown if there are no messages, instead of the default text. */
  readonly emptyText?: string | undefined;
}

/** What stands above the messages: a way to load earlier ones, or the start of the conversation. */
export function HistoryStart({ conversation, emptyText }: HistoryStartProps) {
  const { history } = conversation.visited.value ?? conversation;
  const { loading, hasMore, chunks, isLoaded } = history;
  const isEmpty = chunks.value.length === 0;
  if (conversation.isForbidden.value) return null;
  if (loading.value === "failed") {
    return (
      <p class="start">
        <span>{strings.value.loadFailed}</span>
        <LoadButton history={history}>{strings.value.tryAgain}</LoadButton>
      </p>
    );
  }
  if (isEmpty && !isLoaded.value) return <Skeleton />;
  if (loading.value === "yes") return <p class="start">{strings.value.loading}</p>;
  if (hasMore.value) {
    return (
      <p class="start">
        <LoadButton history={history}>{strings.value.loadOlder}</LoadButton>
      </p>
    );
  }
  if (!isEmpty) return <p class="start">{strings.value.historyStart}</p>;
  if (conversation.pending.value.length > 0 || conversation.refused.value) return null;
  return (
    <div class="empty">
      <svg class="empty-sky" viewBox="0 0 120 60" aria-hidden="true">
        <path class="orbit" d="M4 52C22 14 74 0 116 12" />
        <path class="tail" d="M88 14C66 14 44 22 30 36c16-9 36-13 58-12z" />
        <circle class="head" cx="90" cy="18" r="6" />
      </svg>
      <p>{emptyText ?? strings.value.noMessages}</p>
    </div>
  );
}

interface LoadButtonProps {
  readonly history: History;
  readonly children: string;
}

function LoadButton({ history, children }: LoadButtonProps) {
  return (
    <button type="button" class="quiet" onClick={() => history.loadOlder()}>
      {children}
    </button>
  );
}

/** Placeholder while the first page is loaded. */
function Skeleton() {
  return (
    <div class="skeleton">
      <span class="visually-hidden">{strings.value.loading}</span>
      <i />
      <i />
      <i />
      <i />
    </div>
  );
}
