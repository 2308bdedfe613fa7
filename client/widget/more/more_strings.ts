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
};

/** Strings that only the widget has, in the chosen language. */
export const strings = computed(() => language.value === "zh" ? zh : en);
