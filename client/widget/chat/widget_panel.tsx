import type { WidgetSession } from "./widget_session.ts";
import { MessageList } from "../../ui/views/message_list.tsx";
import { part } from "../../ui/i18n/dictionary.ts";
import { TypingIndicator } from "../../ui/views/typing_indicator.tsx";
import { NOTICES } from "../../ui/state/address.ts";
import { ConnectionBadge, StopBanner } from "../../ui/views/connection_badge.tsx";
import { SignInForm } from "../../ui/views/sign_in_form.tsx";
import { Composer } from "../../ui/views/composer.tsx";
import { CometLogo } from "../../ui/views/avatars.tsx";
import { TokenSignIn } from "../../ui/views/token_sign_in.tsx";
import { Icon } from "../../ui/views/icons.tsx";
import { strings } from "../../ui/i18n/chat_strings.ts";
import type { Chat } from "../../ui/state/chat.ts";
import { useLayoutEffect, useRef } from "preact/hooks";

const launcherStrings = part("launcher");

interface WidgetPanelProps {
  readonly widget: WidgetSession;
  readonly title: string;
  /** The attributes of the script's tag. */
  readonly data: Readonly<DOMStringMap>;
  readonly onClose: () => void;
  /** Called when the panel disappears while it has the focus. */
  readonly onFocusLost: () => void;
}

/** The dialog that the launcher opens. */
export function WidgetPanel(
  { widget, title, data, onClose, onFocusLost }: WidgetPanelProps,
) {
  const panel = useRef<HTMLElement>(null);
  const more = widget.more.value;
  const chat = widget.session.chat.value;
  useLayoutEffect(() => {
    const { current } = panel;
    if (widget.takesFocus) focusInput(current);
    return () => {
      if (hasFocus(current)) onFocusLost();
    };
  }, []);
  const closeOnEscape = ({ key, target, isComposing }: KeyboardEvent) => {
    // The composer handles Escape itself.
    if (key === "Escape" && !isComposing && !(target instanceof HTMLTextAreaElement)) onClose();
  };

  return (
    <section
      ref={panel}
      class="panel"
      part="panel"
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={closeOnEscape}
    >
      <div class="panel-content">
        <header part="header">
          {data.logo ? <img class="comet-logo" src={data.logo} alt="" /> : <CometLogo />}
          <div class="heading">
            <h2 part="title" dir="auto">{title}</h2>
            {more && <more.Subtitle chat={chat} team={data.team} />}
          </div>
          {chat && !widget.problem.value && <ConnectionBadge chat={chat} />}
          <button
            type="button"
            class="quiet close"
            aria-label={launcherStrings.value.close}
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </header>
        <Content widget={widget} data={data} onClose={onClose} />
      </div>
    </section>
  );
}

interface ContentProps {
  readonly widget: WidgetSession;
  readonly data: Readonly<DOMStringMap>;
  readonly onClose: () => void;
}

/** The room, or a way to sign in, or the reason why there is neither. */
function Content({ widget, data, onClose }: ContentProps) {
  const { session, name, problem } = widget;
  const chat = session.chat.value;
  const more = widget.more.value;
  if (problem.value) {
    const text = more?.wordsOf(problem.value) ?? strings.value.chatUnavailable;
    return <Unavailable text={text} onRetry={() => widget.retry()} />;
  }
  if (chat) return <Room widget={widget} data={data} chat={chat} onClose={onClose} />;
  if (session.tokens.value) return <TokenSignIn session={session} />;
  return more && data.hours && more.isAway(data.hours)
    ? <more.AwayForm session={session} storageKey={widget.storageKey} onClose={onClose} />
    : (
      <SignInForm session={session} name={name} submitLabel={strings.value.startChat}>
        {data.greeting && <p class="greeting" part="greeting" dir="auto">{data.greeting}</p>}
      </SignInForm>
    );
}

interface UnavailableProps {
  readonly text: string;
  readonly onRetry: () => void;
}

/** Shown if nobody can chat here. What only the developer of the page can change is in the console. */
function Unavailable({ text, onRetry }: UnavailableProps) {
  return (
    <div class="sign-in-form">
      <p role="alert">{text}</p>
      <button type="button" class="secondary" onClick={onRetry}>{strings.value.tryAgain}</button>
    </div>
  );
}

interface RoomProps extends ContentProps {
  readonly chat: Chat;
}

function Room({ widget, data, chat, onClose }: RoomProps) {
  const { session, takesFocus } = widget;
  const more = widget.more.value;
  const room = chat.conversations.home;
  if (!room) return null;
  return (
    <>
      <StopBanner chat={chat} />
      {more && <more.NoticeCards conversation={chat.conversations.find(NOTICES)} />}
      <MessageList conversation={room} emptyText={data.greeting} />
      <TypingIndicator chat={chat} conversation={room} />
      {more && data.hours && more.isAway(data.hours) && (
        <more.AwayNotice session={session} storageKey={widget.storageKey} onClose={onClose} />
      )}
      <Composer
        conversation={room}
        placeholder={data.placeholder}
        maxBytes={chat.settings.value.textBytes}
        autoFocus={takesFocus}
        onTyping={() => chat.typing.send(room.channel)}
        onEscape={onClose}
      >
        {more && <more.FileTools chat={chat} conversation={room} />}
      </Composer>
      <p class="whoami">
        <strong dir="auto">{chat.self.displayName}</strong>
        {more && !session.tokens.value && (
          <more.SignOut
            chat={chat}
            onSignOut={() => session.signOut()}
          />
        )}
      </p>
    </>
  );
}

/** Focuses the panel itself on a touch screen, where the keyboard would cover the room. */
function focusInput(panel: HTMLElement | null): void {
  const isTouched = matchMedia("(pointer: coarse)").matches;
  const input = isTouched ? null : panel?.querySelector<HTMLElement>("textarea, input");
  (input ?? panel)?.focus({ preventScroll: true });
}

function hasFocus(panel: HTMLElement | null): boolean {
  const root = panel?.getRootNode();
  return root instanceof ShadowRoot && panel?.contains(root.activeElement) === true;
}
