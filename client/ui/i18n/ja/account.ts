import type { Account } from "../en/account.ts";

/** Sentences about identities, in Japanese. */
export const account: Account = {
  unsent: "未送信",
  unsentHint: "送信される前にセッションが終了しました。必要なものはコピーしてください。",
  copyAll: "コピー",
  copied: "コピーしました",
  discard: "破棄",
  cancel: "キャンセル",
  save: "保存",
  done: "OK",
  tryAgain: "再試行",
  changeName: "名前を変更",
  newName: "新しい名前",
  renameHint: "送信済みのメッセージは以前の名前のままです。",
  invalidName: "この名前は使えません。表示される文字だけを使ってください。",
  otherDevice: "別の端末で使う",
  moveHint:
    "別の端末でこのリンクを開いてください。開いた人があなたになるので、誰にも渡さないでください。",
  moveLink: "別の端末用のリンク",
  validUntil: "{time} まで、一度だけ有効です。",
  creating: "リンクを作成中…",
  checking: "リンクを確認中…",
  continueAs: "{name} として続ける",
  alreadyHere: "ここではすでに {name} です。",
  leaves: "この端末では {name} です。{name} からサインアウトし、戻ることはできません。",
  invalidCode: "このリンクは期限切れか、使用済みです。別の端末で新しく作成してください。",
};
