/**
 * The chat of the widget in Chinese: `/widget-chat-zh.js`, which `/widget.js` loads when somebody opens the chat, or has before.
 *
 * @module
 */
export { putChat } from "./widget_chat.tsx";
import { language } from "../../ui/i18n/language.ts";
import { provideStrings } from "../../ui/i18n/chat_strings.ts";
import { chatZh } from "../../ui/i18n/chat_zh.ts";

language.value = "zh";
provideStrings({ zh: chatZh });
