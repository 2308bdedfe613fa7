import type { Message } from "../../comet/halley.ts";
import { words } from "../i18n/language.ts";
import { formatDay, formatFull, formatTime } from "../i18n/times.ts";
import type { Group } from "../state/timeline.ts";
import { PersonMark } from "./marks.tsx";

interface MessageGroupProps {
  readonly group: Group;
  readonly isOwn: boolean;
}

/** What one sender said in one go. */
export function MessageGroup({ group, isOwn }: MessageGroupProps) {
  const [first] = group.messages;
  const { from, at } = first;
  return (
    <>
      {group.isNewDay && (
        <p class="day">
          <time dateTime={new Date(at).toISOString()}>{formatDay(at)}</time>
        </p>
      )}
      <section class="group" data-own={isOwn || undefined} data-notice={!from || undefined}>
        {from && !isOwn && <PersonMark person={from} />}
        <header>
          <strong class={isOwn ? "sender only-heard" : "sender"} dir="auto">
            {isOwn ? words.value.you : from?.displayName ?? words.value.system}
          </strong>
          <time dateTime={new Date(at).toISOString()} title={formatFull(at)}>{formatTime(at)}</time>
        </header>
        {group.messages.map((message) => (
          <MessageBody key={message.id} message={message} isOwn={isOwn} />
        ))}
      </section>
    </>
  );
}

function MessageBody({ message, isOwn }: { readonly message: Message; readonly isOwn: boolean }) {
  const { id, at, title, text, data } = message;
  return (
    <article class="message" data-id={id} title={formatFull(at)}>
      {title && <h3 dir="auto">{title}</h3>}
      {text === undefined
        ? <pre class="text">{JSON.stringify(data, null, 2)}</pre>
        : <p class="text" dir="auto">{text}</p>}
      {isOwn && <span class="delivery" role="img" aria-label={words.value.sent}>✓</span>}
    </article>
  );
}
