/**
 * The chat of the widget in Chinese: `/widget-chat-zh.js`, which `/widget.js` loads on demand.
 *
 * @module
 */
import { chatZh } from "../../ui/i18n/chat_zh.ts";
import { provideStrings } from "../../ui/i18n/chat_strings.ts";
import { language } from "../../ui/i18n/language.ts";

export { openWidgetChat } from "./widget_chat.tsx";

language.value = "zh";
provideStrings({ zh: chatZh });
