import type { ComponentChildren } from "preact";
import { strings } from "../i18n/chat_strings.ts";
import { formatDay } from "../i18n/format_time.ts";
import type { Conversation } from "../state/conversation.ts";
import type { Group } from "../state/timeline.ts";
import { type DeliveryStatus, MessageItem } from "./message_item.tsx";

interface MessageGroupProps {
  readonly conversation: Conversation;
  readonly group: Group;
  readonly deliveryOf: (id: number) => DeliveryStatus;
  /** The id of the message that shows its actions. */
  readonly activeId: number | undefined;
  /** What stands between the day and the group. */
  readonly children?: ComponentChildren;
}

/** Consecutive messages of one sender, below one header; or one event, which has none. */
export function MessageGroup(
  { conversation, group, deliveryOf, activeId, children }: MessageGroupProps,
) {
  const [first] = group.messages;
  const { id, at, from, event } = first;
  const isOwn = conversation.isOwn(first);
  return (
    <>
      {group.isNewDay && (
        <p class="day">
          <time dateTime={new Date(at).toISOString()}>{formatDay(at)}</time>
        </p>
      )}
      {children}
      {event
        ? (
          <p class="event hint" data-id={id} tabIndex={-1} dir="auto">
            {strings.value.roomEvents[event]({ name: from?.displayName ?? "" })}
          </p>
        )
        : (
          <section
            class="group"
            data-own={isOwn || undefined}
            data-notice={!(from ?? first.as) || undefined}
            data-continued={group.isContinued || undefined}
          >
            {group.messages.map((message, index) => (
              <MessageItem
                key={message.id}
                conversation={conversation}
                message={message}
                delivery={isOwn ? deliveryOf(message.id) : undefined}
                isActive={message.id === activeId}
                isContinued={index > 0 || group.isContinued}
              />
            ))}
          </section>
        )}
    </>
  );
}
