import type { Push } from "../en/push.ts";

/** Sentences about notifications while the page is closed, in Chinese. */
export const push: Push = {
  whenClosed: "页面关闭时也通知",
  whenClosedHint: "通过浏览器的推送服务加密送达。",
  contents: "显示姓名和内容",
  contentsHint: "关闭后只提示有新消息。",
  newMessage: "新消息",
  denied: "通知已被阻止。请在浏览器设置中允许此页面的通知，然后重试。",
  serviceUnreachable: "无法连接浏览器的推送服务，请稍后重试。",
  serviceUnknown: "此服务器不支持您浏览器的推送服务。",
};
