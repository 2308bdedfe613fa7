import type { Files } from "../en/files.ts";

/** Sentences of files, in Japanese. */
export const files: Files = {
  attach: "ファイルを添付",
  attached: "このメッセージのファイル",
  remove: "{name} を外す",
  tooLarge: "{name} は {size} を超えています。",
  tooMany: "1 つのメッセージに付けられるファイルは {count} 個までです。",
  waiting: "接続が戻ると送信されます",
  uploading: "ファイルを送信中",
  damaged: "空か壊れているファイルがあります。",
  quota: "ファイルの容量がいっぱいです。ファイル付きのメッセージを削除してください。",
  serverFull: "サーバーにファイルの空きがありません。",
  unavailable: "このサーバーはファイルを保存しません。",
  sendAgain: "ファイルを送信できませんでした。",
  picture: "画像: {name}",
  show: "{name} を表示",
  download: "{name} をダウンロード",
  gone: "このファイルは読み込めません。",
  previous: "前の画像",
  next: "次の画像",
  close: "閉じる",
};
