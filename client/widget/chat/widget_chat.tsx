/**
 * The chat of the widget, in the language that was taught.
 *
 * @module
 */
import "../../comet/dispose.ts";
import { render } from "preact";
import type { Message } from "../../comet/halley.ts";
import { languageTag } from "../../ui/i18n/language.ts";
import { strings } from "../../ui/i18n/chat_strings.ts";
import type { WidgetOptions } from "../options.ts";
import type { Strings } from "../strings.ts";
import { chatSheet } from "./chat_style.ts";
import { WidgetSession } from "./widget_session.ts";
import { tokensFrom, type VisitorTokens } from "./visitor_tokens.ts";
import { WidgetPanel } from "./widget_panel.tsx";

/** Where the chat is put, and who is told what happens. */
export interface ChatPlace {
  readonly root: ShadowRoot;
  readonly frame: HTMLElement;
  readonly options: WidgetOptions;
  /** By what the page's script says who its visitor is. */
  readonly tokens: VisitorTokens | undefined;
  readonly title: string;
  readonly phrases: Strings;
  /** How long a `rem` is (px). */
  readonly rem: number;
  readonly onMessage: (message: Message) => void;
  /** `status` says the same as `count`. */
  readonly onUnread: (count: number, status: string) => void;
  /** Somebody wants to close the chat. */
  readonly onClose: () => void;
  /** It was closed while it had the focus. */
  readonly onLeave: () => void;
}

/** Puts the chat into its place; closed at first. Ends when it is disposed of. */
export function putChat(place: ChatPlace): WidgetSession {
  const { root, frame, options, rem, onMessage } = place;
  const { server, channel, name, tokenUrl, user } = options;
  const tokens = place.tokens ?? (tokenUrl ? tokensFrom(tokenUrl, user) : undefined);
  frame.lang = languageTag.value;
  const onUnread = (count: number) =>
    place.onUnread(count, count > 0 ? strings.value.unread(count) : "");
  const visit = new WidgetSession({ server, channel, name, tokens, onMessage, onUnread });
  root.adoptedStyleSheets.push(chatSheet(rem));
  const room = document.createElement("div");
  frame.append(room);
  render(<Chat visit={visit} place={place} />, room);
  return visit;
}

function Chat({ visit, place }: { readonly visit: WidgetSession; readonly place: ChatPlace }) {
  if (!visit.isOpen.value) return null;
  const { title, phrases, onClose, onLeave } = place;
  return (
    <WidgetPanel
      visit={visit}
      title={title}
      phrases={phrases}
      onClose={onClose}
      onLeave={onLeave}
    />
  );
}
