import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { InexactNumberError, parseExactJson } from "../../../server/core/model/exact_json.ts";

const EXACT = [
  "9007199254740992",
  "1688888483063664600",
  "1e21",
  "1.0e2",
  "-0",
  "0.30000000000000004",
  "0.10000000000000001",
  "-5e-324",
  "1.7976931348623157e308",
  '"1688888483063664642 and 1e400"',
];

for (const json of EXACT) {
  Deno.test(`[A8] the value ${json} is carried`, () => {
    assertEquals(parseExactJson(json), JSON.parse(json));
  });
}

const INEXACT = [
  "1688888483063664642",
  "-9007199254740993",
  "1e400",
  "1e-400",
  "0.1234567890123456789",
];

for (const number of INEXACT) {
  Deno.test(`[A8] the number ${number} is refused with its path`, () => {
    const text = `{"data":{"one":[1,{"id":${number}}]}}`;

    const { message } = assertThrows(() => parseExactJson(text), InexactNumberError);

    assertStringIncludes(message, `"data.one.1.id"`);
    assertStringIncludes(message, number);
  });
}
