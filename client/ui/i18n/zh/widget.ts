import type { Widget } from "../en/widget.ts";

/** Sentences that only the chat of the widget has, in Chinese. */
export const widget: Widget = {
  dismiss: "关闭",
  answers: "{name} 为您解答",
  attended: "我们在线",
  unattended: "我们稍后回复",
  away: "我们现在不在线。请留下联系方式，我们会回复您。",
  leaveAddress: "留言",
  address: "您的邮箱或电话",
  invalidAddress: "请填写有效的邮箱或电话，以便我们回复。",
  question: "您的留言",
  sent: "谢谢，我们会回复到 {address}。",
  unsent: "您写的内容尚未发送，退出后将丢失。",
  stay: "留下",
  refusals: {
    noAccess: "您无权使用此聊天。",
    full: "聊天人数已满，请稍后再试。",
    tooFast: "操作太快了，请稍等片刻。",
    busy: "聊天暂时无法响应，请稍后再试。",
    refused: "聊天拒绝了此操作。",
  },
};
