import { computed } from "@preact/signals";
import { language } from "../../ui/i18n/language.ts";

const en = {
  dismiss: "Dismiss",
  answers: (name: string) => `${name} answers`,
  attended: "We’re here",
  unattended: "We’ll answer later",
  away: "We’re not here right now. Leave us your address, and we’ll answer.",
  leaveAddress: "Leave a message",
  address: "Your email address or phone number",
  invalidAddress: "Enter an email address or a phone number, so that we can answer.",
  question: "Your message",
  sent: (address: string) => `Thank you. We’ll answer to ${address}.`,
  unsent: "What you wrote is not sent yet, and is lost if you sign out.",
  stay: "Stay",
  refusals: {
    noAccess: "You don’t have access to this chat.",
    full: "The chat is full at the moment. Try again later.",
    tooFast: "That was too fast. Wait a moment.",
    busy: "The chat can’t answer at the moment. Try again soon.",
    other: "The chat refuses this.",
  },
};

const zh: typeof en = {
  dismiss: "关闭",
  answers: (name) => `${name} 为您解答`,
  attended: "我们在线",
  unattended: "我们稍后回复",
  away: "我们现在不在线。请留下联系方式，我们会回复您。",
  leaveAddress: "留言",
  address: "您的邮箱或电话",
  invalidAddress: "请填写有效的邮箱或电话，以便我们回复。",
  question: "您的留言",
  sent: (address) => `谢谢，我们会回复到 ${address}。`,
  unsent: "您写的内容尚未发送，退出后将丢失。",
  stay: "留下",
  refusals: {
    noAccess: "您无权使用此聊天。",
    full: "聊天人数已满，请稍后再试。",
    tooFast: "操作太快了，请稍等片刻。",
    busy: "聊天暂时无法响应，请稍后再试。",
    other: "聊天拒绝了此操作。",
  },
};

/** Strings that only the widget has, in the chosen language. */
export const strings = computed(() => language.value === "zh" ? zh : en);
