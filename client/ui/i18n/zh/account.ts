import type { Account } from "../en/account.ts";

/** Sentences about identities, in Chinese. */
export const account: Account = {
  unsent: "尚未发送",
  unsentHint: "会话结束时，这些内容还没有发送。需要的话请复制。",
  copyAll: "复制",
  copied: "已复制",
  discard: "丢弃",
  cancel: "取消",
  save: "保存",
  done: "好",
  tryAgain: "重试",
  changeName: "更改名字",
  newName: "新名字",
  renameHint: "已发送的消息保留原来的名字。",
  invalidName: "这个名字不能用，请只用可见的字符。",
  otherDevice: "在另一台设备上使用",
  moveHint: "请在另一台设备上打开此链接。打开它的人就成为你，请不要给任何人。",
  moveLink: "用于另一台设备的链接",
  validUntil: "只能用一次，{time} 前有效。",
  creating: "正在生成链接…",
  checking: "正在检查链接…",
  continueAs: "以 {name} 的身份继续",
  alreadyHere: "你在这里已经是 {name}。",
  leaves: "你在这台设备上是 {name}。继续后会退出 {name}，无法再回来。",
  invalidCode: "此链接已过期或已用过，请在另一台设备上重新生成。",
};
