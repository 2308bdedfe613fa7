/** What the widget says before the chat itself is loaded, and which script that is. */
const PHRASES = {
  en: {
    script: "widget-chat.js",
    chat: "Chat",
    open: "Open the chat",
    close: "Close the chat",
    failed: "The chat cannot be loaded. Try again.",
  },
  zh: {
    script: "widget-chat-zh.js",
    chat: "聊天",
    open: "打开聊天",
    close: "关闭聊天",
    failed: "聊天无法加载，请重试。",
  },
} as const;

/** Those in one language. */
export type Strings = (typeof PHRASES)[keyof typeof PHRASES];

/** In the first of these languages that is spoken here. */
export function stringsIn(tags: readonly (string | undefined)[]): Strings {
  const tag = tags.map((tag) => tag?.split("-")[0]).find((tag) => tag === "en" || tag === "zh");
  return PHRASES[tag ?? "en"];
}
