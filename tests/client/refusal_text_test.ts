import { assertEquals } from "@std/assert";
import { FINAL_REFUSALS, PASSING_REFUSALS } from "../../server/protocol/refusal.ts";
import { language } from "../../client/ui/i18n/language.ts";
import { pageZh } from "../../client/ui/i18n/page_zh.ts";
import { providePageStrings } from "../../client/ui/i18n/page_strings.ts";
import { refusalText } from "../../client/ui/i18n/refusal_text.ts";

const CODES = [...FINAL_REFUSALS, ...PASSING_REFUSALS, "internal_error", "unexpected_answer"];

Deno.test("[U164] each refusal has a sentence in English and in Chinese", () => {
  providePageStrings({ zh: pageZh });

  const english = CODES.map(refusalText);
  language.value = "zh";
  const chinese = CODES.map(refusalText);
  language.value = "en";

  assertEquals(english.filter((text) => !/^[A-Z][\w’, -]+[.]/.test(text)), []);
  assertEquals(chinese.filter((text) => !/^\p{Script=Han}.*。$/u.test(text)), []);
});

Deno.test("[U164] what a person can do something about is named", () => {
  const sentences = ["token_expired", "too_many_requests", "too_many_tabs", "store_unavailable"]
    .map(refusalText);

  assertEquals(sentences, [
    "Your sign-in has expired. Sign in again.",
    "That was too fast. Wait a moment.",
    "The chat is open in too many tabs. Close some.",
    "The server is busy. Try again in a moment.",
  ]);
});
