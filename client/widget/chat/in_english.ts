/**
 * The chat of the widget in English: `/widget-chat.js`, which `/widget.js` loads when somebody opens the chat, or has before.
 *
 * @module
 */
export { putChat } from "./widget_chat.tsx";
import { language, teach } from "../../ui/i18n/talk.ts";
import { talkEn } from "../../ui/i18n/talk_en.ts";

language.value = "en";
teach({ en: talkEn });
