import type { Push } from "../en/push.ts";

/** Sentences about notifications while the page is closed, in Arabic. */
export const push: Push = {
  whenClosed: "وكذلك عند إغلاق الصفحة",
  whenClosedHint: "تصل مشفّرة عبر خدمة الإشعارات في المتصفح.",
  contents: "إظهار الأسماء والنصوص",
  contentsHint: "وإلا يظهر فقط أن هناك رسالة.",
  newMessage: "رسالة جديدة",
  denied: "التنبيهات محظورة. يرجى السماح بها لهذه الصفحة في إعدادات المتصفح ثم إعادة المحاولة.",
  serviceUnreachable: "يتعذر الوصول إلى خدمة الإشعارات في المتصفح. يرجى المحاولة لاحقًا.",
  serviceUnknown: "لا يعرف هذا الخادم خدمة الإشعارات في متصفحك.",
};
