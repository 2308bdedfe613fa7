/**
 * The chat of the widget: `/widget-chat.js`, which `/widget.js` loads on demand.
 *
 * @module
 */
import "../../comet/dispose.ts";
import { render } from "preact";
import type { Message } from "../../comet/halley.ts";
import { strings } from "../../ui/i18n/chat_strings.ts";
import { type PartialDictionary, provideDictionary } from "../../ui/i18n/dictionary.ts";
import { isRightToLeft } from "../../ui/i18n/language_tags.ts";
import { styleSheet } from "../style_sheet.ts";
import type { TokenProvider } from "../../ui/state/application_tokens.ts";
// @ts-ignore: `deno task build` makes this text from chat_sheet.css.
import sharedCss from "../../../static/built/widget-chat.css" with { type: "text" };
// @ts-ignore: `deno task build` makes this text from chat.css.
import panelCss from "../../../static/built/widget-panel.css" with { type: "text" };
import type { WidgetOptions } from "../options.ts";
import { WidgetPanel } from "./widget_panel.tsx";
import { WidgetSession } from "./widget_session.ts";
import { formatUnread } from "../../ui/i18n/format_unread.ts";

export interface WidgetChatOptions {
  /** The tag of the language, and its sentences. */
  readonly language: string;
  readonly sentences: PartialDictionary;
  readonly root: ShadowRoot;
  /** The element that the panel is added to. */
  readonly frame: HTMLElement;
  readonly options: WidgetOptions;
  readonly tokens: TokenProvider | undefined;
  /** Whether the visitor has opened the chat on an earlier page. */
  readonly wasOpened: boolean;
  readonly title: string;
  /** The size of a `rem` in px. */
  readonly rem: number;
  readonly onMessage: (message: Message) => void;
  readonly onNotice: (notice: Message) => void;
  /** Called when the number of unread messages has changed. `status` is the number in words. */
  readonly onUnread: (count: number, status: string) => void;
  /** Called when the visitor closes the panel. */
  readonly onClose: () => void;
  /** Called when the panel disappears while it has the focus. */
  readonly onFocusLost: () => void;
}

/** Renders the chat into the widget, closed. Dispose the result to end it. */
export function openWidgetChat(chat: WidgetChatOptions): WidgetSession {
  const { root, frame, rem, options, tokens, wasOpened, onMessage, onNotice, onUnread } = chat;
  provideDictionary(chat.language, chat.sentences);
  frame.lang = chat.language;
  frame.dir = isRightToLeft(strings.value.send) ? "rtl" : "ltr";
  const color = getComputedStyle(frame).getPropertyValue("--halley-color");
  if (color) frame.dataset.branded = "";
  const widget = new WidgetSession({
    ...options,
    tokens,
    wasOpened,
    onMessage,
    onNotice,
    onUnread: (count) =>
      onUnread(count, count > 0 ? strings.value.unread({ count, shown: formatUnread(count) }) : ""),
  });
  const container = document.createElement("div");
  frame.append(container);
  const addStyles = (css: string) => {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, styleSheet(css, rem)];
  };
  addStyles(scopeToPanel(sharedCss) + panelCss);
  widget.onMore((more) => {
    addStyles(scopeToPanel(more.css));
    const stops = [
      more.startTools(widget.session, container),
      more.countInTitle(widget.unread),
      more.closeOnBack(widget.isOpen, chat.onClose),
    ];
    return () => stops.forEach((stop) => stop());
  });
  render(<Panel widget={widget} chat={chat} />, container);
  return widget;
}

interface PanelProps {
  readonly widget: WidgetSession;
  readonly chat: WidgetChatOptions;
}

function Panel({ widget, chat }: PanelProps) {
  const { title, options, frame, onClose, onFocusLost } = chat;
  if (!widget.isOpen.value) {
    const [more, shown] = [widget.more.value, widget.session.chat.value];
    const open = () => frame.querySelector<HTMLElement>(".launcher")?.click();
    return more && shown
      ? <more.Preview chat={shown} onOpen={open} onFocusLost={onFocusLost} />
      : null;
  }
  return (
    <WidgetPanel
      widget={widget}
      title={title}
      data={options.data}
      onClose={onClose}
      onFocusLost={onFocusLost}
    />
  );
}

/** Rules for the page's document and window become rules for the widget and its panel. */
function scopeToPanel(css: string): string {
  return css.replaceAll(":root", ".widget").replace(/(?<=\d)[dsl]?v([wh])\b/g, "cq$1");
}
