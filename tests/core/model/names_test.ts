import { assertEquals, assertThrows } from "@std/assert";
import { displayNameFrom, displayNameOf } from "../../../server/core/model/content.ts";
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
    "HaIley",
    "Ha|!ey",
    "HALLEY",
    "$ystem",
    "$y$tem$",
    "Syst€m",
    "Sys7em",
    "5y$73m",
    "H@lley",
    "H4lley",
    "$$$ System $$$",
    "!System!",
    "SΥSTEΜ",
    "Ѕуѕтем",
    "ЅУЅТЕМ",
    "ꓢꓬꓢꓔꓰꓟ",
    "ᏚYᏚᎢᎬᎷ",
    "ꜱʏꜱᴛᴇᴍ",
    "Ⓢⓨⓢⓣⓔⓜ",
    "🅢🅨🅢🅣🅔🅜",
    "🆂🆈🆂🆃🅴🅼",
    "🇸🇾🇸🇹🇪🇲",
    "ₛyₛₜₑₘ",
    "𝕊𝕪𝕤𝕥𝕖𝕞",
    "𝚂𝚢𝚜𝚝𝚎𝚖",
    "Sys\u200ctem",
    "Syst\ufe0fem",
    "Syste\u{e0100}m",
    "Ηаłłеу",
    "系\ufe00统",
  ]
) {
  Deno.test(`[Q11] "${name}" looks like a reserved name, and is refused`, () => {
    assertEquals(assertThrows(() => reserved.check(name), Refused).refusal, "name_reserved");
  });
}

Deno.test("[Q11] other names are free", () => {
  for (
    const name of [
      "alice",
      "Systematic",
      "李雷",
      "Sys",
      "Hal",
      "Иван",
      "🙂",
      "مريم",
      "Hailey",
      "$",
      "Cash$",
    ]
  ) {
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

/** Names as applications write them, and what they become. */
const APPLICATION_NAMES: Record<string, readonly [name: string, becomes: string]> = {
  "of 70 characters": ["a".repeat(70), "a".repeat(64)],
  "of 70 flags": ["🇫🇷".repeat(70), "🇫🇷".repeat(32)],
  "of a family too long for the limit": [`${"a".repeat(60)} 👨‍👩‍👧‍👦`, "a".repeat(60)],
  "that is cut at a blank": [`${"a".repeat(63)} b`, "a".repeat(63)],
  "with a mark of direction": ["Ali\u200ece", "Alice"],
  "with an override of direction": ["\u202eecilA\u202c", "ecilA"],
  "with isolates": ["\u2066Alice\u2069", "Alice"],
  "with a line break": ["Alice\r\nSystem", "Alice System"],
  "with a tab and an escape": ["Ali\tce \u001b[31m", "Ali ce [31m"],
  "with a soft hyphen and a filler": ["Ali\u00adce\u3164", "Alice"],
  "with a byte order mark": ["\ufeffAlice", "Alice"],
  "with tags": ["Alice\u{e0061}\u{e007f}", "Alice"],
  "with half a surrogate pair": ["Ali\ud800ce", "Alice"],
  "with more marks than a letter has": [`x${"\u0323".repeat(9)}`, `x${"\u0323".repeat(4)}`],
  "that composes when it is cleaned": ["Rene\u00ad\u0301", "Ren\u00e9"],
  "decomposed": ["Rene\u0301", "Ren\u00e9"],
  "with what scripts need": ["می\u200cخواهم", "می\u200cخواهم"],
  "of blanks": ["\u2003\n ", "User z9_Q"],
  "of nothing": ["", "User z9_Q"],
  "of invisible characters": ["\u200b\u200d\ufe0f\u2800", "User z9_Q"],
  "of one endless letter": ["\u0e01" + "\u200d\u0e01".repeat(5_000), ""],
};

for (const [what, [name, becomes]] of Object.entries(APPLICATION_NAMES)) {
  Deno.test(`[Q19] a name ${what} is cleaned if an application chose it`, () => {
    const clean = displayNameFrom(name, "aliceAliceAlz9_Q");

    if (becomes !== "") assertEquals(clean, becomes);
    assertEquals(displayNameOf(clean), clean);
  });
}

Deno.test("[Q19] the name from a back end is cleaned, and the name that a guest types is refused", async () => {
  await using test = await TestHub.open();
  const name = `\u200e${"a".repeat(70)}`;

  const user = await test.hub.signInUser("1", name);

  assertEquals(user.displayName, "a".repeat(64));
  assertEquals(await test.hub.signIn(name).catch((error) => error.refusal), "invalid_request");
});
