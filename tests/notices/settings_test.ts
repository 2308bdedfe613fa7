import { assertEquals } from "@std/assert";
import { readConfig } from "../../server/config/config.ts";
import type { Environment } from "../../server/base/setting_reader.ts";
import { configErrors } from "../config/config_errors.ts";

const POSTGRES = "postgres://alice:cup@db.shop.example:5433/shop?sslmode=require";

Deno.test("[B18] the settings of notices have defaults", () => {
  assertEquals(noticesOf({}), {
    isOn: false,
    database: undefined,
    query: undefined,
    listen: undefined,
    from: "now",
    windowMs: 60_000,
    timeoutMs: 5_000,
  });
});

Deno.test("[B18] NOTICES_DB is an SQLite file or a PostgreSQL URL; errors do not repeat it", () => {
  for (const file of ["sqlite:/srv/the shop.db", "/srv/the shop.db"]) {
    const { database } = noticesOf({ NOTICES_DB: file });
    assertEquals(database, { kind: "sqlite", path: "/srv/the shop.db" });
  }
  for (const url of [POSTGRES, POSTGRES.replace("postgres:", "postgresql:")]) {
    assertEquals(noticesOf({ NOTICES_DB: url }).database, { kind: "postgres", url });
  }
  const allowed =
    "none, sqlite:<path of a file>, or postgres://<user>:<password>@<host>/<database>";
  for (
    const received of [
      "sqlite:",
      "mysql://alice:cup@shop",
      "postgres:shop",
      "postgres://:x:y",
    ]
  ) {
    assertEquals(configErrors({ NOTICES_DB: received }), [
      `NOTICES_DB is invalid (value not shown); allowed: ${allowed}`,
    ]);
  }
});

Deno.test("[B18] NOTICES_QUERY begins with SELECT or WITH", () => {
  for (const query of ["SELECT 1", "select\n1", "WITH x AS (SELECT 1) SELECT 1"]) {
    assertEquals(noticesOf({ NOTICES_QUERY: query }).query, query);
  }
  for (const received of ["DELETE FROM orders", "orders", "SELECTED"]) {
    assertEquals(configErrors({ NOTICES_QUERY: received }), [
      `NOTICES_QUERY is "${received}"; allowed: none, or a query that begins with SELECT or WITH`,
    ]);
  }
});

Deno.test("[B18] NOTICES_LISTEN is a name in lower case, NOTICES_FROM is now or start", () => {
  assertEquals(noticesOf({ NOTICES_LISTEN: "new_orders_2" }).listen, "new_orders_2");
  assertEquals(noticesOf({ NOTICES_FROM: "start" }).from, "start");
  const allowed = "none, or a name of at most 63 lower-case letters, digits and _";
  for (
    const received of ["Orders", "2orders", "or ders", 'a"; DROP TABLE orders', "a".repeat(64)]
  ) {
    assertEquals(configErrors({ NOTICES_LISTEN: received }), [
      `NOTICES_LISTEN is "${received}"; allowed: ${allowed}`,
    ]);
  }
  assertEquals(configErrors({ NOTICES_FROM: "1" }), ['NOTICES_FROM is "1"; allowed: now or start']);
});

for (
  const [name, field, min, max] of [
    ["NOTICES_WINDOW", "windowMs", 0, 3_600_000],
    ["NOTICES_TIMEOUT", "timeoutMs", 100, 60_000],
  ] as const
) {
  Deno.test(`[B18] ${name} is a whole number from ${min} to ${max}`, () => {
    assertEquals(noticesOf({ [name]: String(min) })[field], min);
    assertEquals(noticesOf({ [name]: String(max) })[field], max);
    for (const received of [String(min - 1), String(max + 1), "1e3"]) {
      assertEquals(configErrors({ [name]: received }), [
        `${name} is "${received}"; allowed: a whole number from ${min} to ${max}`,
      ]);
    }
  });
}

Deno.test("[B18] HAS_DB is Y or N; Y needs NOTICES_DB, and NOTICES_LISTEN needs PostgreSQL", () => {
  const database = { NOTICES_DB: "sqlite:shop.db" };

  assertEquals(noticesOf({ HAS_DB: "Y", ...database }).isOn, true);
  assertEquals(noticesOf({ HAS_DB: "N", ...database }).isOn, false);
  assertEquals(configErrors({ HAS_DB: "y" }), ['HAS_DB is "y"; allowed: Y or N']);
  assertEquals(configErrors({ HAS_DB: "Y" }), [
    "HAS_DB is Y, but NOTICES_DB is none: set NOTICES_DB to a database",
  ]);
  assertEquals(configErrors({ HAS_DB: "Y", ...database, NOTICES_LISTEN: "tea" }), [
    "NOTICES_LISTEN is set, but NOTICES_DB is SQLite: only PostgreSQL supports it",
  ]);
});

function noticesOf(environment: Environment) {
  return readConfig(environment).notices;
}
