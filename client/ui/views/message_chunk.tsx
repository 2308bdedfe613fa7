import { computed, type ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { strings } from "../i18n/chat_strings.ts";
import type { Chunk } from "../state/chunks.ts";
import type { Conversation } from "../state/conversation.ts";
import type { Group } from "../state/timeline.ts";
import { MessageGroup } from "./message_group.tsx";

interface MessageChunkProps {
  readonly conversation: Conversation;
  readonly chunk: Chunk;
  readonly groups: readonly Group[];
  /** The id of the last message of the chunk before; -1 if there is none. */
  readonly first: number;
  /** The id of the message that shows its actions. */
  readonly activeId: ReadonlySignal<number | undefined>;
}

/** Consecutive messages. A chunk is rendered again only if something in it has changed, however long the list is. */
export function MessageChunk(
  { conversation, chunk, groups, first, activeId }: MessageChunkProps,
) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => storeHeight(element.current), [chunk]);
  const last = chunk.messages.at(-1)?.id ?? chunk.id;
  const within = (id: number | undefined) =>
    id !== undefined && id >= first && id < last ? id : undefined;
  const upTo = (id: number) => Math.min(id, last);
  const active = useComputedValue(() => {
    const id = activeId.value;
    return id !== undefined && id >= chunk.id && id <= last ? id : undefined;
  }, [chunk, last]);
  const newAfter = useComputedValue(() => within(conversation.newAfter.value), [first, last]);
  const gapAfter = useComputedValue(() => within(conversation.gapAfter.value), [first, last]);
  const delivered = useComputedValue(() => upTo(conversation.deliveredUpTo.value), [last]);
  const seen = useComputedValue(() => upTo(conversation.seenUpTo.value), [last]);
  // With these, the groups are the same as before.
  const { startedAt, isContinued } = groups[0] ?? {};
  return useMemo(() => {
    const deliveryOf = (id: number) => id <= seen ? "read" : id <= delivered ? "delivered" : "sent";
    const startsAfter = (id: number | undefined, index: number) =>
      id !== undefined && (groups[index]?.messages[0].id ?? 0) > id &&
      (groups[index - 1]?.messages.at(-1)?.id ?? first) <= id;
    return (
      <div class="chunk" ref={element}>
        {groups.map((group, index) => (
          <div key={group.messages[0].id} class="run">
            {startsAfter(gapAfter, index) && <GapLine conversation={conversation} />}
            <MessageGroup
              conversation={conversation}
              group={group}
              deliveryOf={deliveryOf}
              activeId={active}
            >
              {startsAfter(newAfter, index) && (
                <p class="new-line">{strings.value.newMessagesLine}</p>
              )}
            </MessageGroup>
          </div>
        ))}
      </div>
    );
  }, [
    conversation,
    chunk,
    startedAt,
    isContinued,
    first,
    active,
    newAfter,
    gapAfter,
    delivered,
    seen,
    strings.value,
  ]);
}

/** Says that messages may be missing, until the user confirms it. */
export function GapLine({ conversation }: { readonly conversation: Conversation }) {
  return (
    <p class="gap">
      {strings.value.gap}
      <button type="button" class="quiet" onClick={() => conversation.gapAfter.value = undefined}>
        {strings.value.dismissGap}
      </button>
    </p>
  );
}

/** Chunks that were rendered together. */
let unmeasured: (HTMLElement | null)[] = [];

/** The style sheet gives a chunk outside the viewport its last height, so that nothing moves when it scrolls into view. */
function storeHeight(chunk: HTMLElement | null): void {
  if (unmeasured.push(chunk) > 1) return;
  // When they have been painted, their heights are known: before, it would cost a layout more.
  requestAnimationFrame(() =>
    setTimeout(() => {
      // All are measured before one is changed: that would make each measurement a layout.
      const measured = unmeasured.map((one) => [one, one?.offsetHeight] as const);
      unmeasured = [];
      for (const [one, height] of measured) {
        if (!one || !height) continue;
        one.style.containIntrinsicBlockSize = `auto calc(${height}px - var(--room))`;
        one.dataset.measured = "";
      }
    })
  );
}

/** Subscribes to a computation of signals: the component is rendered again only if the result changes. */
function useComputedValue<T>(compute: () => T, inputs: readonly unknown[]): T {
  return useMemo(() => computed(compute), inputs).value;
}
