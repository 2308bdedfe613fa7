import { assertEquals, assertThrows } from "@std/assert";
import { readConfig } from "../../server/config.ts";
import { ConfigError } from "../../server/setting_reader.ts";

const STORES = "memory, sqlite:<path of a file>, kv, kv:<path of a file>, or kv-or-memory";

Deno.test("[O1] on Deno Deploy, where no file lasts, the defaults are others", () => {
  const { host, store, drainDelay } = readConfig({ DENO_DEPLOY: "1" });

  assertEquals({ host, store, drainDelay }, {
    host: "0.0.0.0",
    store: { kind: "kv", isOptional: true },
    drainDelay: 0,
  });
});

Deno.test("[O2] STORE is memory, the path of an SQLite file, or a Deno KV database", () => {
  assertEquals(readConfig({ STORE: "memory" }).store, { kind: "memory" });
  assertEquals(readConfig({ STORE: "sqlite:tea.db" }).store, { kind: "sqlite", path: "tea.db" });
  const kv = (STORE: string, deploy = {}) => readConfig({ STORE, ...deploy }).store;
  assertEquals(kv("kv:tea.kv"), { kind: "kv", place: "tea.kv", isOptional: false });
  assertEquals(kv("kv"), { kind: "kv", place: "data/halley.kv", isOptional: false });
  assertEquals(kv("kv-or-memory"), { kind: "kv", place: "data/halley.kv", isOptional: true });
  assertEquals(kv("kv", { DENO_DEPLOY: "1" }), { kind: "kv", isOptional: false });
  for (const received of ["sqlite:", "kv:", "Memory", "tea.db", "postgres://localhost/tea"]) {
    const fault = `STORE is "${received}"; allowed: ${STORES}`;
    assertThrows(() => readConfig({ STORE: received }), ConfigError, fault);
  }
});
