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
  unsent: "ما كتبته لم يُرسل بعد، ويضيع عند تسجيل الخروج.",
  stay: "البقاء",
  refusals: {
    noAccess: "لا يمكنك الوصول إلى هذه الدردشة.",
    full: "الدردشة ممتلئة الآن. يرجى إعادة المحاولة لاحقًا.",
    tooFast: "كان ذلك سريعًا جدًا. يرجى الانتظار قليلًا.",
    busy: "لا تستطيع الدردشة الرد الآن. يرجى إعادة المحاولة بعد قليل.",
    refused: "رفضت الدردشة هذا.",
  },
};
