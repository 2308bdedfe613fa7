import type { Widget } from "../en/widget.ts";

/** Sentences that only the chat of the widget has, in Japanese. */
export const widget: Widget = {
  dismiss: "閉じる",
  answers: "{name} が対応します",
  attended: "対応できます",
  unattended: "のちほどお返事します",
  away: "ただいま不在です。ご連絡先をお知らせいただければ、お返事します。",
  leaveAddress: "伝言を残す",
  address: "メールアドレスまたは電話番号",
  invalidAddress: "お返事できるよう、メールアドレスか電話番号を入力してください。",
  question: "ご用件",
  sent: "ありがとうございます。{address} にお返事します。",
  unsent: "書いた内容はまだ送信されていません。サインアウトすると失われます。",
  stay: "とどまる",
  refusals: {
    noAccess: "このチャットを利用する権限がありません。",
    full: "チャットが満員です。あとでお試しください。",
    tooFast: "操作が速すぎます。少しお待ちください。",
    busy: "チャットが応答できません。少し待ってからお試しください。",
    refused: "チャットがこの操作を拒否しました。",
  },
};
