import { assertEquals, assertThrows } from "@std/assert";
import { readConfig } from "../../server/config/config.ts";
import { ConfigError } from "../../server/base/setting_reader.ts";

const STORES = "memory, sqlite:<path of a file>, kv, kv:<path of a file>, kv-or-memory, " +
  "nats://<servers>, or tls://<servers>";

Deno.test("[O1] Deno Deploy, where files do not last, has other defaults", () => {
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
  assertEquals(kv("kv:tea.kv"), { kind: "kv", location: "tea.kv", isOptional: false });
  assertEquals(kv("kv"), { kind: "kv", location: "data/halley.kv", isOptional: false });
  assertEquals(kv("kv-or-memory"), { kind: "kv", location: "data/halley.kv", isOptional: true });
  assertEquals(kv("kv", { DENO_DEPLOY: "1" }), { kind: "kv", isOptional: false });
  for (const received of ["sqlite:", "kv:", "Memory", "tea.db", "postgres://localhost/tea"]) {
    const message = `STORE is "${received}"; allowed: ${STORES}`;
    assertThrows(() => readConfig({ STORE: received }), ConfigError, message);
  }
});

Deno.test("[O1] a NATS address names servers, and a user with a password or a token", () => {
  const storeOf = (STORE: string, more = {}) => readConfig({ STORE, ...more }).store;
  const kind = "nats" as const;

  assertEquals(storeOf("nats://tea"), { kind, connection: { servers: ["tea"], tls: false } });
  const login = { user: "al@ice", password: "se:cr/et" };
  assertEquals(storeOf("nats://al%40ice:se:cr%2Fet@tea:4222,[::1]:4223"), {
    kind,
    connection: { servers: ["tea:4222", "[::1]:4223"], tls: false, ...login },
  });
  const files = { NATS_CA: "ca.pem", NATS_CERT: "halley.pem", NATS_KEY: "halley.key" };
  assertEquals(storeOf("tls://t0ken@tea.example", { ...files, NATS_REPLICAS: "3" }), {
    kind,
    connection: {
      servers: ["tea.example"],
      tls: true,
      token: "t0ken",
      ca: "ca.pem",
      certificate: "halley.pem",
      key: "halley.key",
    },
    replicas: 3,
  });
  assertEquals(readConfig({ STORE: "nats://tea" }).keyAge, 3_600_000);
});

Deno.test("[O2] an invalid NATS address is not shown", () => {
  const secrets = ["nats://alice:secret@", "nats://alice:%zz@tea", "nats://alice:secret"];
  for (const STORE of [...secrets, "http://alice:secret@tea"]) {
    const message = `STORE is invalid (value not shown); allowed: ${STORES}`;
    assertThrows(() => readConfig({ STORE }), ConfigError, message);
  }
});
