/** Strings of the launcher by language, and the script with the chat in that language. */
const STRINGS = {
  en: {
    script: "widget-chat.js",
    chat: "Chat",
    open: "Open chat",
    close: "Close chat",
    failed: "Couldn’t load the chat. Try again.",
  },
  zh: {
    script: "widget-chat-zh.js",
    chat: "聊天",
    open: "打开聊天",
    close: "关闭聊天",
    failed: "聊天加载失败，请重试。",
  },
} as const;

/** The strings in one language. */
export type Strings = (typeof STRINGS)[keyof typeof STRINGS];

/** Returns the strings in the first supported language among these tags. */
export function stringsIn(tags: readonly (string | undefined)[]): Strings {
  const tag = tags.map((tag) => tag?.split("-")[0]).find((tag) => tag === "en" || tag === "zh");
  return STRINGS[tag ?? "en"];
}
