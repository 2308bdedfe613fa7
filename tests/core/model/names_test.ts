import { assertEquals, assertThrows } from "@std/assert";
import { displayNameOf } from "../../../server/core/model/content.ts";
import { Refused } from "../../../server/core/model/refused.ts";
import { ReservedNames } from "../../../server/core/sessions/reserved_names.ts";
import { TestHub } from "../../support/hub.ts";

const reserved = new ReservedNames(["System", "系统", "Halley"]);

for (
  const name of [
    "System",
    "system",
    "SYSTEM",
    "Ѕуѕtеm",
    "Ｓｙｓｔｅｍ",
    "𝐒𝐲𝐬𝐭𝐞𝐦",
    "S y s t e m",
    "Sys-tem!",
    "Sýstèm",
    "5y5t3m",
    "Systern",
    "System\u200d",
    "·System·",
    "[System]",
    "系 统",
    "Ha11ey",
  ]
) {
  Deno.test(`[Q11] "${name}" looks like a reserved name, and is refused`, () => {
    assertEquals(assertThrows(() => reserved.check(name), Refused).refusal, "name_reserved");
  });
}

Deno.test("[Q11] other names are free", () => {
  for (const name of ["alice", "Systematic", "李雷", "Sys", "Hal", "Иван", "🙂", "مريم"]) {
    reserved.check(name);
  }
});

Deno.test("[Q11] a guest cannot sign in by a reserved name, a user of an application can", async () => {
  await using test = await TestHub.open({ reservedNames: ["System"] });

  const signingIn = test.hub.signIn("ѕystem").catch((error) => error.refusal);
  assertEquals(await signingIn, "name_reserved");
  assertEquals((await test.hub.signInUser("1", "System")).displayName, "System");
});

Deno.test("[Q11] blanks in a name are single spaces", () => {
  assertEquals(displayNameOf("alice \u00a0 \u3000B."), "alice B.");
});

for (
  const [what, name] of Object.entries({
    "Hangul fillers": "\u3164\u3164",
    "a half-width filler": "\uffa0",
    "an empty Braille pattern": "\u2800",
    "joiners alone": "\u200d\u200c",
    "a variation selector alone": "\ufe0f",
    "a mark on nothing": "\u0301",
    "letters and a filler": "ali\u3164ce",
    "a grapheme joiner": "al\u034fice",
    "blanks of every width": "\u2003\u00a0\u3000",
    "a soft hyphen": "al\u00adice",
    "more marks than a letter has": "a\u0301\u0301\u0301\u0301\u0301\u0301",
  })
) {
  Deno.test(`[Q11] a name of ${what} is none`, () => {
    assertThrows(() => displayNameOf(name), Refused);
  });
}

Deno.test("[Q11] what scripts need is left: joiners, selectors, marks", () => {
  for (const name of ["می\u200cخواهم", "👩\u200d💻", "❤\ufe0f", "नमस्ते", "Việt", "กำลัง"]) {
    assertEquals(displayNameOf(name), name.normalize("NFC"));
  }
});
