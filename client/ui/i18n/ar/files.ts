import type { Files } from "../en/files.ts";

/** Sentences of files, in Arabic. */
export const files: Files = {
  attach: "إرفاق ملفات",
  attached: "ملفات هذه الرسالة",
  remove: "إزالة {name}",
  tooLarge: "حجم {name} أكبر من {size}.",
  tooMany: "يمكن أن تحتوي الرسالة على {count} ملفات.",
  waiting: "تُرسل عند عودة الاتصال",
  uploading: "جارٍ إرسال الملفات",
  damaged: "أحد الملفات فارغ أو تالف.",
  quota: "لا توجد مساحة لملفات أخرى منك. احذف رسائل بها ملفات.",
  serverFull: "لا توجد على الخادم مساحة لملفات أخرى.",
  unavailable: "لا يحفظ هذا الخادم الملفات.",
  sendAgain: "تعذّر إرسال الملفات.",
  picture: "صورة: {name}",
  show: "عرض {name}",
  download: "تنزيل {name}",
  gone: "يتعذّر تحميل هذا الملف.",
  previous: "الصورة السابقة",
  next: "الصورة التالية",
  close: "إغلاق",
};
