/**
 * The chat of the widget in English: `/widget-chat.js`, which `/widget.js` loads when somebody opens the chat, or has before.
 *
 * @module
 */
export { putChat } from "./widget_chat.tsx";
import { language } from "../../ui/i18n/language.ts";
import { provideStrings } from "../../ui/i18n/chat_strings.ts";
import { chatEn } from "../../ui/i18n/chat_en.ts";

language.value = "en";
provideStrings({ en: chatEn });
