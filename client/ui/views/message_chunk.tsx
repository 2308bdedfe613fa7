import { computed, type ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import { words } from "../i18n/talk.ts";
import type { Chunk } from "../state/chunks.ts";
import type { Conversation } from "../state/conversation.ts";
import { groupMessages } from "../state/timeline.ts";
import { MessageGroup } from "./message_group.tsx";

interface MessageChunkProps {
  readonly conversation: Conversation;
  readonly chunk: Chunk;
  /** The message before the first of them. */
  readonly previous: Message | undefined;
  /** The id of the message that is pointed at. */
  readonly current: ReadonlySignal<number | undefined>;
}

/** Some messages in a row. It is drawn anew only when something in it changes, however long the list is. */
export function MessageChunk({ conversation, chunk, previous, current }: MessageChunkProps) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => measure(element.current), [chunk]);
  const first = previous?.id ?? -1;
  const last = chunk.messages.at(-1)?.id ?? chunk.id;
  const within = (id: number | undefined) =>
    id !== undefined && id >= first && id < last ? id : undefined;
  const upTo = (id: number) => Math.min(id, last);
  const pointed = useOwn(() => {
    const id = current.value;
    return id !== undefined && id >= chunk.id && id <= last ? id : undefined;
  }, [chunk, last]);
  const newAfter = useOwn(() => within(conversation.newAfter.value), [first, last]);
  const gapAfter = useOwn(() => within(conversation.gapAfter.value), [first, last]);
  const delivered = useOwn(() => upTo(conversation.deliveredUpTo.value), [last]);
  const seen = useOwn(() => upTo(conversation.seenUpTo.value), [last]);
  return useMemo(() => {
    const deliveryOf = (id: number) => id <= seen ? "read" : id <= delivered ? "delivered" : "sent";
    const groups = groupMessages(chunk.messages, { previous, after: [newAfter, gapAfter] });
    const startsAfter = (id: number | undefined, n: number) =>
      id !== undefined && (groups[n]?.messages[0].id ?? 0) > id &&
      (groups[n - 1]?.messages.at(-1)?.id ?? first) <= id;
    return (
      <div class="chunk" ref={element}>
        {groups.map((group, n) => (
          <div key={group.messages[0].id} class="run">
            {startsAfter(gapAfter, n) && <GapLine conversation={conversation} />}
            {startsAfter(newAfter, n) && <NewLine />}
            <MessageGroup
              conversation={conversation}
              group={group}
              deliveryOf={deliveryOf}
              current={pointed}
            />
          </div>
        ))}
      </div>
    );
  }, [conversation, chunk, previous, pointed, newAfter, gapAfter, delivered, seen]);
}

/** Tells that messages may be missing, until one has seen it. */
export function GapLine({ conversation }: { readonly conversation: Conversation }) {
  return (
    <p class="gap">
      {words.value.gap}
      <button type="button" class="quiet" onClick={() => conversation.gapAfter.value = undefined}>
        {words.value.gapSeen}
      </button>
    </p>
  );
}

function NewLine() {
  return <p class="new-line">{words.value.newHere}</p>;
}

/** Out of sight, a chunk is as high as it was when it was last drawn, so that nothing moves when it comes into sight. */
function measure(chunk: HTMLElement | null): void {
  if (!chunk?.offsetHeight) return;
  chunk.style.setProperty("--height", `${chunk.offsetHeight}px`);
  chunk.dataset.measured = "";
}

/** What a computation gives, which is of interest only when it gives something else. */
function useOwn<T>(compute: () => T, inputs: readonly unknown[]): T {
  return useMemo(() => computed(compute), inputs).value;
}
