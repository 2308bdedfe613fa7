import { useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../../ui/i18n/talk.ts";
import { Composer } from "../../ui/views/composer.tsx";
import { ConnectionBadge, StopBanner } from "../../ui/views/connection_badge.tsx";
import { TypingLine } from "../../ui/views/typing_line.tsx";
import { Icon } from "../../ui/views/icons.tsx";
import { CometMark } from "../../ui/views/marks.tsx";
import { MessageList } from "../../ui/views/message_list.tsx";
import { Ending, Failure, SignInForm } from "../../ui/views/sign_in_form.tsx";
import type { Strings } from "../strings.ts";
import type { RoomChat } from "./room_chat.ts";
import type { WidgetSession } from "./widget_session.ts";

interface WidgetPanelProps {
  readonly visit: WidgetSession;
  readonly title: string;
  readonly phrases: Strings;
  /** Somebody wants to close it. */
  readonly onClose: () => void;
  /** It goes while the focus is in it. */
  readonly onLeave: () => void;
}

/** What the button opens. */
export function WidgetPanel({ visit, title, phrases, onClose, onLeave }: WidgetPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const chat = visit.chat.value;
  useLayoutEffect(() => {
    const { current } = panel;
    if (visit.takesFocus) enter(current);
    return () => {
      if (hasFocus(current)) onLeave();
    };
  }, []);
  const closeOnEscape = ({ key, target, isComposing }: KeyboardEvent) => {
    // Where one writes, Escape may mean something else first.
    if (key === "Escape" && !isComposing && !(target instanceof HTMLTextAreaElement)) onClose();
  };

  return (
    <section
      ref={panel}
      class="panel"
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={closeOnEscape}
    >
      <div class="panel-content">
        <header>
          <CometMark />
          <h2 dir="auto">{title}</h2>
          {chat && <ConnectionBadge chat={chat} />}
          <button
            type="button"
            class="quiet close"
            aria-label={phrases.close}
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </header>
        <Inside visit={visit} onClose={onClose} />
      </div>
    </section>
  );
}

interface InsideProps {
  readonly visit: WidgetSession;
  readonly onClose: () => void;
}

/** The room, or what has to be done to get in, or why one cannot. */
function Inside({ visit, onClose }: InsideProps) {
  const { isTurnedAway, name } = visit;
  const chat = visit.chat.value;
  if (isTurnedAway.value) return <p class="empty" role="alert">{words.value.turnedAway}</p>;
  if (chat) return <Room visit={visit} chat={chat} onClose={onClose} />;
  return visit.hasTokens
    ? <Doorstep visit={visit} />
    : <SignInForm account={visit} name={name} button={words.value.startChat} />;
}

/** Where one stands who is not in yet, on a page that says who its visitors are. */
function Doorstep({ visit }: { readonly visit: WidgetSession }) {
  const { ended, signingIn } = visit;
  if (signingIn.value === "yes") return <p class="empty" role="status">{words.value.signingIn}</p>;
  return (
    <div class="sign-in-form">
      <Ending reason={ended.value} />
      {signingIn.value === "no" && !ended.value && <p>{words.value.signInThere}</p>}
      <Failure account={visit} />
      <button type="button" onClick={() => visit.comeIn()}>{words.value.retry}</button>
    </div>
  );
}

interface RoomProps extends InsideProps {
  readonly chat: RoomChat;
}

function Room({ visit, chat, onClose }: RoomProps) {
  const { room } = chat;
  return (
    <>
      <StopBanner chat={chat} />
      <MessageList conversation={room} />
      <TypingLine chat={chat} conversation={room} />
      <Composer
        conversation={room}
        isChosen={visit.takesFocus}
        onTyping={() => chat.typing.tell(room.channel)}
        onEscape={onClose}
      />
      <p class="whoami">
        <strong dir="auto">{chat.self.displayName}</strong>
        {!visit.hasTokens && (
          <button type="button" class="quiet" onClick={() => visit.signOut()}>
            {words.value.signOut}
          </button>
        )}
      </p>
    </>
  );
}

/** To where one writes; but on a touch screen a keyboard would rise and cover the room. */
function enter(panel: HTMLElement | null): void {
  const isTouched = matchMedia("(pointer: coarse)").matches;
  const field = isTouched ? null : panel?.querySelector<HTMLElement>("textarea, input");
  (field ?? panel)?.focus({ preventScroll: true });
}

function hasFocus(panel: HTMLElement | null): boolean {
  const root = panel?.getRootNode();
  return root instanceof ShadowRoot && panel?.contains(root.activeElement) === true;
}
