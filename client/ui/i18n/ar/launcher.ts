import type { Launcher } from "../en/launcher.ts";

/** Sentences of the widget’s button, in Arabic. */
export const launcher: Launcher = {
  chat: "دردشة",
  open: "فتح الدردشة",
  close: "إغلاق الدردشة",
  failed: "تعذر تحميل الدردشة. يرجى إعادة المحاولة.",
};
