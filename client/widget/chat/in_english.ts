/**
 * The chat of the widget in English: `/widget-chat.js`, which `/widget.js` loads on demand.
 *
 * @module
 */
import { chatEn } from "../../ui/i18n/chat_en.ts";
import { provideStrings } from "../../ui/i18n/chat_strings.ts";
import { language } from "../../ui/i18n/language.ts";

export { openWidgetChat } from "./widget_chat.tsx";

language.value = "en";
provideStrings({ en: chatEn });
