/**
 * The chat of the widget in Chinese: `/widget-chat-zh.js`, which `/widget.js` loads when somebody opens the chat, or has before.
 *
 * @module
 */
export { putChat } from "./widget_chat.tsx";
import { language, teach } from "../../ui/i18n/talk.ts";
import { talkZh } from "../../ui/i18n/talk_zh.ts";

language.value = "zh";
teach({ zh: talkZh });
