import type { Dictionary } from "./en.ts";
import { talkZh } from "./talk_zh.ts";

/** What the page says, in Chinese. */
export const zh: Dictionary = {
  ...talkZh,
  noNotices: "系统通知会显示在这里。",
  language: "中文",
  about: "无论途中发生什么，消息总会回来。",
  signIn: "登录",
  conversations: "会话",
  conversation: "当前会话",
  noMessages: "还没有消息",
  joinRoom: "加入房间",
  roomName: "房间名",
  join: "加入",
  badRoomName: "房间名须为 1 至 64 个字母、汉字、数字、点、连字符或下划线。",
  leaveRoom: "离开",
  closeConversation: "关闭",
  back: "返回会话列表",
  backWithUnread: (count) => `返回会话列表，${atMost99(count)} 条未读`,
  backToConversation: "返回会话",
  draft: "草稿",
  lastSeen: (ago) => `${ago}在线`,
  hasEnded: "已退出",
  peopleHere: (count) => `${count} 人在此`,
  activeRooms: "活跃的房间",
  noActiveRooms: "其他房间现在没有人。",
  people: "在线的人",
  showPeople: "查看谁在这里",
  nobody: "这里没有其他人。",
  active: "在线",
  background: "在后台",
  offline: "离开",
  talkTo: (name) => `私聊 ${name}`,
  choose: "选择一个会话",
  settings: "设置",
  theme: "外观",
  themes: { system: "跟随系统", light: "浅色", dark: "深色" },
  inLanguage: "语言",
  desktop: "桌面通知",
  desktopHint: "页面不在眼前时，提醒与你有关的消息。",
  desktopDenied: "浏览器设置禁止了通知。",
  sound: "提示音",
  newNotices: "新通知",
  moreNotices: (count) => `还有 ${count} 条`,
  dismiss: "关闭",
};

function atMost99(count: number): string {
  return count > 99 ? "99+" : String(count);
}
