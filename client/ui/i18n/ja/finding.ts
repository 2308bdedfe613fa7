import type { Finding } from "../en/finding.ts";

/** Sentences of the dialogs with the ways to a conversation, in Japanese. */
export const finding: Finding = {
  goTo: "移動",
  placeholder: "会話、人、またはルーム",
  nothing: "この名前のものはありません。",
  join: "#{name} に参加",
  message: "新しい会話",
  room: "ルーム",
  searchFor: "「{words}」を含むメッセージを検索",
  keys: "キーボードショートカット",
  close: "閉じる",
  singleKeys: "Ctrl や Alt を使わないキー",
  singleKeysHint: "音声入力や読み上げのソフトがこれらのキーを送る場合は、オフにしてください。",
  or: "または",
  actions: {
    switcher: "会話、人、ルームへ移動",
    search: "メッセージを検索",
    previous: "前または次の会話",
    unread: "前または次の未読の会話",
    allRead: "すべて既読にする",
    write: "メッセージを書く",
    writeKeys: "任意の文字",
    reply: "選択中または最新のメッセージに返信",
    messages: "メッセージ間、一覧の会話間を移動",
    send: "メッセージを送信",
    line: "メッセージ内で改行",
    format: "太字、斜体、取り消し線",
    edit: "空の入力欄で、自分の最新のメッセージを編集",
    back: "一覧に戻る、開いているものを閉じる",
    help: "このショートカット一覧",
  },
};
