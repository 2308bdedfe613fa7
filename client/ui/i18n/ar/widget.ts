import type { Widget } from "../en/widget.ts";

/** Sentences that only the chat of the widget has, in Arabic. */
export const widget: Widget = {
  dismiss: "إغلاق",
  answers: "يرد عليك {name}",
  attended: "نحن هنا",
  unattended: "سنرد لاحقًا",
  away: "لسنا هنا الآن. اترك لنا عنوانك وسنرد عليك.",
  leaveAddress: "ترك رسالة",
  address: "بريدك الإلكتروني أو رقم هاتفك",
  invalidAddress: "يرجى إدخال بريد إلكتروني أو رقم هاتف لنتمكن من الرد.",
  question: "رسالتك",
  sent: "شكرًا. سنرد على {address}.",
};
