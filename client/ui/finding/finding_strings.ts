import { computed } from "@preact/signals";
import { language } from "../i18n/language.ts";

const en = {
  goTo: "Go to",
  placeholder: "A conversation, a person or a room",
  nothing: "Nothing has this name.",
  join: (name: string) => `Join #${name}`,
  message: "New conversation",
  room: "Room",
  keys: "Keyboard shortcuts",
  close: "Close",
  singleKeys: "Keys without Ctrl or Alt",
  singleKeysHint: "Turn them off if your software for speech input or reading sends them.",
  or: "or",
  actions: {
    switcher: "Go to a conversation, a person or a room",
    previous: "Previous or next conversation",
    unread: "Previous or next unread conversation",
    write: "Write a message",
    writeKeys: "any letter",
    reply: "Reply to the message that has the focus, or to the newest one",
    messages: "Between messages, or conversations in the list",
    send: "Send the message",
    line: "New line in the message",
    format: "Bold, italic or struck text",
    edit: "Edit your newest message, in an empty field",
    back: "Back to the list; close what is open",
    help: "These shortcuts",
  },
};

const zh: typeof en = {
  goTo: "前往",
  placeholder: "会话、成员或房间",
  nothing: "没有这个名称。",
  join: (name) => `加入 #${name}`,
  message: "新会话",
  room: "房间",
  keys: "键盘快捷键",
  close: "关闭",
  singleKeys: "不带 Ctrl 或 Alt 的按键",
  singleKeysHint: "如果语音输入或读屏软件会发送这些按键，请将其关闭。",
  or: "或",
  actions: {
    switcher: "前往会话、成员或房间",
    previous: "上一个或下一个会话",
    unread: "上一个或下一个未读会话",
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

/** Strings of these dialogs, in the chosen language. */
export const strings = computed(() => language.value === "zh" ? zh : en);
