import type { Launcher } from "../en/launcher.ts";

/** Sentences of the widget’s button, in Chinese. */
export const launcher: Launcher = {
  chat: "聊天",
  open: "打开聊天",
  close: "关闭聊天",
  failed: "聊天加载失败，请重试。",
};
