import type { Search } from "../en/search.ts";

/** Sentences of the search for messages, in Japanese. */
export const search: Search = {
  placeholder: '言葉、または "続いた言葉"',
  where: "検索する場所",
  here: "{title} の中",
  everywhere: "すべて",
  limits: "絞り込み",
  from: "送信者",
  anyone: "全員",
  since: "最初の日",
  until: "最後の日",
  idle: "すべての言葉を含むメッセージを検索します。順番は問いません。",
  searching: "検索中…",
  found: { other: "{count} 件のメッセージ" },
  foundSoFar: { other: "これまでに {count} 件のメッセージ" },
  nothing: "これらの言葉を含むメッセージはありません。",
  nothingSoFar: "新しいメッセージには、これらの言葉がありません。",
  searchOn: "古いメッセージも検索",
  more: "さらに表示",
  unavailable: "このサーバーで検索できるのは、一度に 1 つの会話だけです。",
  tooManyWords: "言葉を減らして検索してください。",
  unindexed: {
    other: "古いメッセージ約 {count} 件はまだ検索できません。サーバーが読み込み中です。",
  },
  messageGone: "このメッセージはもうありません。",
  close: "検索を閉じる",
  day: "日付",
  jump: "移動",
  first: "最初のメッセージ",
  cancel: "キャンセル",
  noneSince: "この日以降に送信されたメッセージはありません。",
};
