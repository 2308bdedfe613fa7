import { effect } from "@preact/signals";
import { refusals } from "../../ui/i18n/refusals.ts";
import type { ChatSession } from "../../ui/state/chat_session.ts";
import { pictures } from "../../ui/views/avatars.tsx";
import { editingTools } from "../../ui/views/message_editing.tsx";
import { manageMessageFocus } from "../../ui/views/message_focus.ts";
import { messageTools } from "../../ui/views/message_item.tsx";
import { pictureFrom } from "../../ui/views/picture.tsx";
import { FoldedData } from "../../ui/views/message_data.tsx";
import { parseMarkdown } from "../../ui/views/markdown.ts";
import { markdown } from "../../ui/views/marks.ts";
import { richViews } from "../../ui/views/message_text.tsx";
import { RichText } from "../../ui/views/rich_text.tsx";
import { replyTools } from "../../ui/views/reply_quote.tsx";
import { fileViews } from "./file_views.tsx";
import { refusalWords } from "./refusal_words.ts";
import { resumeFiles } from "./unsent_files.ts";
import { followTranslation } from "../../ui/views/translation.ts";

/**
 * Adds the pictures of people, and what can be done with messages, to the chat of the visitor who is signed in, until it is
 * stopped.
 */
export function startTools(session: ChatSession, root: HTMLElement): () => void {
  refusals.explain = refusalWords;
  followTranslation(root);
  markdown.value = parseMarkdown;
  richViews.value = { Text: RichText, Data: FoldedData };
  const stopFocus = manageMessageFocus(root);
  const stopTools = effect(() => {
    const chat = session.chat.value;
    if (!chat) return;
    Object.assign(messageTools, editingTools(chat), replyTools(chat));
    Object.assign(messageTools, fileViews(chat, messageTools));
    pictures.show = pictureFrom(chat.settings.value.pictureOrigins ?? []);
  });
  const stopFiles = effect(() => session.chat.value && resumeFiles(session.chat.value));
  return () => {
    stopFocus();
    stopTools();
    stopFiles();
  };
}
