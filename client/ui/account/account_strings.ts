import { computed } from "@preact/signals";
import { language } from "../i18n/language.ts";
import { accountEn, type AccountStrings } from "./account_en.ts";
import { accountZh } from "./account_zh.ts";

/** Strings about identities, in the chosen language. */
export const strings = computed((): AccountStrings =>
  language.value === "zh" ? accountZh : accountEn
);
