import type { Push } from "../en/push.ts";

/** Sentences about notifications while the page is closed, in Japanese. */
export const push: Push = {
  whenClosed: "ページを閉じているときも通知",
  whenClosedHint: "ブラウザーのプッシュサービスを通じて暗号化されて届きます。",
  contents: "名前と本文を表示",
  contentsHint: "オフにすると、メッセージがあることだけを表示します。",
  newMessage: "新しいメッセージ",
  denied:
    "通知がブロックされています。ブラウザーの設定でこのページの通知を許可してから、もう一度お試しください。",
  serviceUnreachable:
    "ブラウザーのプッシュサービスに接続できません。しばらくしてからお試しください。",
  serviceUnknown: "このサーバーは、お使いのブラウザーのプッシュサービスに対応していません。",
};
