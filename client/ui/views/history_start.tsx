import { words } from "../i18n/talk.ts";
import type { Conversation } from "../state/conversation.ts";

interface HistoryStartProps {
  readonly conversation: Conversation;
  /** What is said where nothing was. */
  readonly nothing?: string | undefined;
}

/** What stands above the messages: whether there are more, or where it all began. */
export function HistoryStart({ conversation, nothing }: HistoryStartProps) {
  const { loading, hasMore, chunks, isLoaded } = conversation.history;
  const isEmpty = chunks.value.length === 0;
  if (loading.value === "failed") return <LoadFailed conversation={conversation} />;
  if (isEmpty && !isLoaded.value) return <Skeleton />;
  if (loading.value === "yes") return <p class="start">{words.value.loading}</p>;
  if (hasMore.value) {
    return (
      <p class="start">
        <button type="button" class="quiet" onClick={() => conversation.history.loadOlder()}>
          {words.value.loadOlder}
        </button>
      </p>
    );
  }
  if (!isEmpty) return <p class="start">{words.value.beginning}</p>;
  if (conversation.pending.value.length > 0) return null;
  return (
    <div class="empty">
      <svg class="empty-sky" viewBox="0 0 120 60" aria-hidden="true">
        <path class="orbit" d="M4 52C22 14 74 0 116 12" />
        <path class="tail" d="M88 14C66 14 44 22 30 36c16-9 36-13 58-12z" />
        <circle class="head" cx="90" cy="18" r="6" />
      </svg>
      <p>{nothing ?? words.value.nothingSaid}</p>
    </div>
  );
}

function LoadFailed({ conversation }: { readonly conversation: Conversation }) {
  return (
    <p class="start">
      <span>{words.value.loadFailed}</span>
      <button type="button" class="quiet" onClick={() => conversation.history.loadOlder()}>
        {words.value.loadOlder}
      </button>
    </p>
  );
}

/** Where messages will be. */
function Skeleton() {
  return (
    <div class="skeleton">
      <span class="only-heard">{words.value.loading}</span>
      <i />
      <i />
      <i />
      <i />
    </div>
  );
}
