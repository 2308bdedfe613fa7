import { useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../../ui/i18n/chat_strings.ts";
import { Composer } from "../../ui/views/composer.tsx";
import { ConnectionBadge, StopBanner } from "../../ui/views/connection_badge.tsx";
import { TypingIndicator } from "../../ui/views/typing_indicator.tsx";
import { Icon } from "../../ui/views/icons.tsx";
import { CometLogo } from "../../ui/views/avatars.tsx";
import { MessageList } from "../../ui/views/message_list.tsx";
import { SessionEnd, SignInError, SignInForm } from "../../ui/views/sign_in_form.tsx";
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
          <CometLogo />
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
  if (isTurnedAway.value) return <p class="empty" role="alert">{strings.value.chatUnavailable}</p>;
  if (chat) return <Room visit={visit} chat={chat} onClose={onClose} />;
  return visit.hasTokens
    ? <Doorstep visit={visit} />
    : <SignInForm account={visit} name={name} submitLabel={strings.value.startChat} />;
}

/** Where one stands who is not in yet, on a page that says who its visitors are. */
function Doorstep({ visit }: { readonly visit: WidgetSession }) {
  const { ended, signingIn } = visit;
  if (signingIn.value === "yes") {
    return <p class="empty" role="status">{strings.value.signingIn}</p>;
  }
  return (
    <div class="sign-in-form">
      <SessionEnd reason={ended.value} />
      {signingIn.value === "no" && !ended.value && <p>{strings.value.signInOnSite}</p>}
      <SignInError account={visit} />
      <button type="button" onClick={() => visit.comeIn()}>{strings.value.tryAgain}</button>
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
      <TypingIndicator chat={chat} conversation={room} />
      <Composer
        conversation={room}
        autoFocus={visit.takesFocus}
        onTyping={() => chat.typing.tell(room.channel)}
        onEscape={onClose}
      />
      <p class="whoami">
        <strong dir="auto">{chat.self.displayName}</strong>
        {!visit.hasTokens && (
          <button type="button" class="quiet" onClick={() => visit.signOut()}>
            {strings.value.signOut}
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
