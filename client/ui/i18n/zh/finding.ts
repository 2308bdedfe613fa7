import type { Finding } from "../en/finding.ts";

/** Sentences of the dialogs with the ways to a conversation, in Chinese. */
export const finding: Finding = {
  goTo: "前往",
  placeholder: "会话、成员或房间",
  nothing: "没有这个名称。",
  join: "加入 #{name}",
  message: "新会话",
  room: "房间",
  searchFor: "搜索包含“{words}”的消息",
  keys: "键盘快捷键",
  close: "关闭",
  singleKeys: "不带 Ctrl 或 Alt 的按键",
  singleKeysHint: "如果语音输入或读屏软件会发送这些按键，请将其关闭。",
  or: "或",
  actions: {
    switcher: "前往会话、成员或房间",
    search: "搜索消息",
    previous: "上一个或下一个会话",
    unread: "上一个或下一个未读会话",
    allRead: "全部标为已读",
    write: "写消息",
    writeKeys: "任意字母",
    reply: "回复当前聚焦的消息，或最新一条消息",
    messages: "在消息之间，或在会话列表中移动",
    send: "发送消息",
    line: "在消息中换行",
    format: "加粗、斜体或删除线",
    edit: "在空输入框中编辑自己最新的消息",
    back: "返回列表；关闭已打开的内容",
    help: "显示这些快捷键",
  },
};
