import fc from "fast-check";

/** A string of any UTF-16 code units, including lone surrogates. */
export const anyUtf16 = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});

/** Strings that attackers use, and valid values of fields. */
const typical = fc.constantFrom(
  "room:tea",
  "notice",
  "direct:AAAAAAAAAAAAAAAA",
  "1000",
  "active",
  "typing",
  "all",
  "send",
  "__proto__",
  "constructor",
  "' OR 1=1 --",
  "\u0000",
  "../../etc/passwd",
  "%00%2e%2e%2f",
  "</script>",
  "9007199254740993",
  "-1",
);

/** Any string, or a typical one. */
export const anyString = fc.oneof(anyUtf16, fc.string({ unit: "grapheme" }), typical);

/** Any value of a member, more or less as it is expected. */
const anyValue = fc.oneof(
  { arbitrary: anyString, weight: 3 },
  fc.array(anyString),
  fc.double(),
  fc.integer(),
  fc.jsonValue(),
);

/** JSON of an object with some of these members, any other JSON, or invalid JSON. */
export function anyJsonBody(fields: readonly string[]): fc.Arbitrary<string> {
  const some = fc.dictionary(fc.constantFrom(...fields), anyValue, { maxKeys: 4 });
  return fc.oneof(
    { arbitrary: some.map((fields) => JSON.stringify(fields)), weight: 6 },
    fc.json(),
    anyString,
  );
}

/** A form with some of these fields, or any other text. */
export function anyForm(fields: readonly string[]): fc.Arbitrary<string> {
  const some = fc.dictionary(fc.constantFrom(...fields), anyString, { maxKeys: 4 });
  return fc.oneof(
    { arbitrary: some.map((form) => new URLSearchParams(form).toString()), weight: 6 },
    anyString,
  );
}
