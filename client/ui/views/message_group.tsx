import { words } from "../i18n/talk.ts";
import { formatDay, formatFull, formatTime } from "../i18n/times.ts";
import type { Conversation } from "../state/conversation.ts";
import type { Group } from "../state/timeline.ts";
import { PersonMark } from "./marks.tsx";
import { type Delivery, MessageBody } from "./message_body.tsx";
import { PersonName } from "./person_name.tsx";

interface MessageGroupProps {
  readonly conversation: Conversation;
  readonly group: Group;
  readonly deliveryOf: (id: number) => Delivery;
  /** The id of the message that is pointed at. */
  readonly current: number | undefined;
}

/** What one sender said in one go. */
export function MessageGroup({ conversation, group, deliveryOf, current }: MessageGroupProps) {
  const [first] = group.messages;
  const { from, at } = first;
  const isOwn = conversation.isOwn(first);
  return (
    <>
      {group.isNewDay && (
        <p class="day">
          <time dateTime={new Date(at).toISOString()}>{formatDay(at)}</time>
        </p>
      )}
      <section
        class="group"
        data-own={isOwn || undefined}
        data-notice={!from || undefined}
        data-continued={group.isContinued || undefined}
      >
        {!group.isContinued && (
          <>
            {from && !isOwn && <PersonMark person={from} />}
            <header>
              <strong class={isOwn ? "sender only-heard" : "sender"}>
                {from && !isOwn
                  ? <PersonName person={from} names={conversation.names} />
                  : isOwn
                  ? words.value.you
                  : words.value.system}
              </strong>
              <time dateTime={new Date(at).toISOString()} title={formatFull(at)}>
                {formatTime(at)}
              </time>
            </header>
          </>
        )}
        {group.messages.map((message) => (
          <MessageBody
            key={message.id}
            conversation={conversation}
            message={message}
            delivery={isOwn ? deliveryOf(message.id) : undefined}
            isCurrent={message.id === current}
          />
        ))}
      </section>
    </>
  );
}
