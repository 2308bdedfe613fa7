import type { Account } from "../en/account.ts";

/** Sentences about identities, in Arabic. */
export const account: Account = {
  unsent: "لم تُرسل",
  unsentHint: "انتهت الجلسة قبل إرسال هذه. يمكن نسخ ما يلزم منها.",
  copyAll: "نسخ",
  copied: "تم النسخ",
  discard: "تجاهل",
  cancel: "إلغاء",
  save: "حفظ",
  done: "حسنًا",
  tryAgain: "إعادة المحاولة",
  changeName: "تغيير الاسم",
  newName: "الاسم الجديد",
  renameHint: "تحتفظ الرسائل المرسلة بالاسم القديم.",
  invalidName: "لا يمكن استخدام هذا الاسم. يرجى استخدام أحرف ظاهرة فقط.",
  otherDevice: "الاستخدام على جهاز آخر",
  moveHint: "يُفتح هذا الرابط على الجهاز الآخر. من يفتحه يصبح أنت، فلا تعطه لأحد.",
  moveLink: "رابط للجهاز الآخر",
  validUntil: "صالح لمرة واحدة، حتى {time}.",
  creating: "جارٍ إنشاء الرابط…",
  checking: "جارٍ فحص الرابط…",
  continueAs: "المتابعة باسم {name}",
  alreadyHere: "أنت هنا {name} بالفعل.",
  leaves: "أنت على هذا الجهاز {name}. سيُسجَّل خروج {name} ولا عودة بعده.",
  invalidCode: "انتهت صلاحية هذا الرابط أو استُخدم. يمكن إنشاء رابط جديد على الجهاز الآخر.",
};
