/** Strings that the widget needs before its chat is loaded, and the script of the chat in that language. */
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

/** The strings of one language. */
export type LauncherStrings = (typeof STRINGS)[keyof typeof STRINGS];

/** The strings in the first supported language of these tags, or else in English. */
export function launcherStrings(tags: readonly (string | undefined)[]): LauncherStrings {
  const isChinese = tags.find((tag) => /^(en|zh)\b/.test(tag ?? ""))?.startsWith("zh");
  return STRINGS[isChinese ? "zh" : "en"];
}
