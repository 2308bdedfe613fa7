import { assertEquals } from "@std/assert";
import { isWithinHours } from "../../client/widget/more/office_hours.ts";

Deno.test("[T40] office hours are those of their time zone, by day, also past midnight", () => {
  const week = "Mo-Fr 9:00-17:00, Sa 22:00-2:00 Europe/Berlin";

  const expected: Record<string, boolean> = {
    "2026-11-27T07:59Z": false, // Friday, 8:59 in Berlin
    "2026-11-27T08:00Z": true,
    "2026-11-27T15:59Z": true,
    "2026-11-27T16:00Z": false,
    "2026-07-03T07:00Z": true, // Friday in summer, 9:00
    "2026-07-03T15:00Z": false,
    "2026-11-28T08:00Z": false, // Saturday
    "2026-11-28T21:00Z": true,
    "2026-11-29T00:59Z": true, // Sunday, 1:59
    "2026-11-29T01:00Z": false,
    "2026-11-29T21:30Z": false,
  };
  const actual = Object.keys(expected).map((time) => [time, isWithinHours(week, Date.parse(time))]);
  assertEquals(Object.fromEntries(actual), expected);
  assertEquals(isWithinHours("Sa-Mo 0:00-24:00 UTC", Date.parse("2026-11-29T12:00Z")), true);
});

Deno.test("[T40] hours that are not valid are none", () => {
  for (
    const written of [
      "",
      "always",
      "Mo-Fr 9-17 Europe/Berlin",
      "Mo-Fr 9:00-17:00",
      "Mo-Fr 9:00-17:00 Europe/Nowhere",
      "Xx 9:00-17:00 UTC",
      "Mo 9:61-17:00 UTC",
      "Mo 9:00-25:00 UTC",
      "Mo 9:00-9:00 UTC",
      "Mo 9:00-17:00,, UTC",
    ]
  ) assertEquals(isWithinHours(written, 0), undefined, written);
});
