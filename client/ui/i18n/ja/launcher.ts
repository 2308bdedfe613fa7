import type { Launcher } from "../en/launcher.ts";

/** Sentences of the widget’s button, in Japanese. */
export const launcher: Launcher = {
  chat: "チャット",
  open: "チャットを開く",
  close: "チャットを閉じる",
  failed: "チャットを読み込めませんでした。もう一度お試しください。",
};
