import { assertEquals } from "@std/assert";
import { FINAL_REFUSALS, PASSING_REFUSALS } from "../../server/protocol/refusal.ts";
import { DICTIONARIES } from "../../client/ui/i18n/dictionaries.ts";
import { provideDictionary } from "../../client/ui/i18n/dictionary.ts";
import { refusalText } from "../../client/ui/i18n/refusal_text.ts";

const CODES = [...FINAL_REFUSALS, ...PASSING_REFUSALS, "internal_error", "unexpected_answer"];

for (const [tag, { sentences }] of Object.entries(DICTIONARIES)) {
  Deno.test(`[U164] each refusal has a sentence in ${tag}`, () => {
    provideDictionary(tag, sentences);

    const texts = CODES.map(refusalText);

    assertEquals(texts.filter((text) => !/^[\p{Lu}\p{Lo}¿¡][^{}]+[.。]$/u.test(text)), []);
  });
}

Deno.test("[U164] what a person can do something about is named", () => {
  provideDictionary("en", DICTIONARIES.en!.sentences);

  const sentences = ["token_expired", "too_many_requests", "too_many_tabs", "store_unavailable"]
    .map(refusalText);

  assertEquals(sentences, [
    "Your sign-in has expired. Sign in again.",
    "That was too fast. Wait a moment.",
    "The chat is open in too many tabs. Close some.",
    "The server is busy. Try again in a moment.",
  ]);
});
