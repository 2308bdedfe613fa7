import type { AccountStrings } from "./account_en.ts";

/** Strings about identities, in Chinese. */
export const accountZh: AccountStrings = {
  unsent: "尚未发送",
  unsentHint: "会话结束时，这些内容还没有发送。需要的话请复制。",
  copyAll: "复制",
  copied: "已复制",
  discard: "丢弃",
};
