import type { ToolStrings } from "./tools_en.ts";

/** Strings of what can be done with messages, in Chinese. */
export const toolsZh: ToolStrings = {
  showMore: "显示更多",
  showLess: "收起",
  reply: "回复",
  goToMessage: "转到这条消息",
  sendFailed: "发送失败。",
  recipientSignedOut: "对方已退出登录。",
  expired: (ago) => `${ago}写的，尚未发送。`,
  sendNow: "现在发送",
  discard: "丢弃",
  answeredGone: "被回复的消息已不存在。",
  sendWithoutReply: "不带引用发送",
  cancelReply: "取消回复",
  copy: "复制",
  copied: "已复制",
  edit: "编辑",
  editMessage: "编辑消息",
  save: "保存",
  cancel: "取消",
  delete: "删除",
  confirmDelete: "确定删除？",
  confirmDeleteOf: (name) => `确定删除 ${name} 的消息？`,
  changeFailed: "无法更改这条消息。",
};
