import type { Finding } from "../en/finding.ts";

/** Sentences of the dialogs with the ways to a conversation, in Arabic. */
export const finding: Finding = {
  goTo: "الانتقال إلى",
  placeholder: "محادثة أو شخص أو غرفة",
  nothing: "لا شيء بهذا الاسم.",
  join: "دخول #{name}",
  message: "محادثة جديدة",
  room: "غرفة",
  searchFor: "البحث عن الرسائل التي فيها «{words}»",
  keys: "اختصارات لوحة المفاتيح",
  close: "إغلاق",
  singleKeys: "المفاتيح بدون Ctrl أو Alt",
  singleKeysHint: "يُنصح بإيقافها إن كان برنامج الإملاء الصوتي أو قارئ الشاشة يرسلها.",
  or: "أو",
  actions: {
    switcher: "الانتقال إلى محادثة أو شخص أو غرفة",
    search: "البحث في الرسائل",
    previous: "المحادثة السابقة أو التالية",
    unread: "المحادثة غير المقروءة السابقة أو التالية",
    allRead: "وضع علامة «مقروءة» على الكل",
    write: "كتابة رسالة",
    writeKeys: "أي حرف",
    reply: "الرد على الرسالة المحددة أو على الأحدث",
    messages: "بين الرسائل، أو محادثات القائمة",
    send: "إرسال الرسالة",
    line: "سطر جديد في الرسالة",
    format: "غامق أو مائل أو يتوسطه خط",
    edit: "تعديل أحدث رسائلك، والحقل فارغ",
    back: "العودة إلى القائمة؛ إغلاق المفتوح",
    help: "هذه الاختصارات",
  },
};
