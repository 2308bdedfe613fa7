import { assertEquals } from "@std/assert";
import { configErrors } from "../config/config_errors.ts";

Deno.test("[O2] WEBHOOK_URL is an HTTP URL; WEBHOOK_SECRET has at least 22 characters; neither is shown", () => {
  const [url, secret] = ["https://shop.example/halley?key=1", "s".repeat(22)];
  const withUrl = (received: string) =>
    configErrors({ WEBHOOK_URL: received, WEBHOOK_SECRET: secret });

  assertEquals(withUrl(url), []);
  for (
    const received of ["shop.example", "ftp://shop.example", "https://me:pw@shop.example", "?"]
  ) {
    assertEquals(withUrl(received), [
      "WEBHOOK_URL is invalid (value not shown); allowed: none, or a URL that begins with https:// or http://, without a user's name",
    ]);
  }
  const allowed = "at least 22 characters of ASCII without blanks; none where WEBHOOK_URL is none";
  assertEquals(configErrors({ WEBHOOK_URL: url }), [
    `WEBHOOK_SECRET is "none"; allowed: ${allowed}`,
  ]);
  for (const received of ["s".repeat(21), "s".repeat(22) + " s", "s".repeat(22) + "\u00e9"]) {
    assertEquals(configErrors({ WEBHOOK_URL: url, WEBHOOK_SECRET: received }), [
      `WEBHOOK_SECRET is invalid (value not shown); allowed: ${allowed}`,
    ]);
  }
});

Deno.test("[O2] WEBHOOK_EVENTS is a list of seven words, UNDELIVERED_AFTER is 1 s to 7 days", () => {
  const min = { UNDELIVERED_AFTER: "1000" };
  const max = {
    WEBHOOK_EVENTS: "message,edited,deleted,presence,delivered,undelivered,unanswered",
    UNDELIVERED_AFTER: "604800000",
  };

  assertEquals([configErrors(min), configErrors(max)], [[], []]);
  assertEquals(configErrors({ WEBHOOK_EVENTS: "message,,presence", UNDELIVERED_AFTER: "999" }), [
    'WEBHOOK_EVENTS is "message,,presence"; allowed: message, edited, deleted, presence, delivered, undelivered, unanswered, separated by commas',
    'UNDELIVERED_AFTER is "999"; allowed: a whole number from 1000 to 604800000',
  ]);
});
