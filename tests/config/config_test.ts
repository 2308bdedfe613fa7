import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parse } from "@std/dotenv";
import { type Config, readConfig } from "../../server/config/config.ts";
import { ConfigError } from "../../server/base/setting_reader.ts";
import { configErrors } from "./config_errors.ts";

const EXAMPLE = await Deno.readTextFile(new URL("../../.env.example", import.meta.url));

/** The settings that are whole numbers, with their range. */
const NUMBERS: readonly NumberSetting[] = [
  { name: "PORT", field: "port", unit: 1, min: 0, max: 65_535 },
  { name: "CONNECT_INTERVAL", field: "connectInterval", unit: 1, min: 1_000, max: 55_000 },
  { name: "INTERVAL_TIME", field: "intervalTime", unit: 1, min: 100, max: 3_600_000 },
  { name: "DRAIN_DELAY", field: "drainDelay", unit: 1, min: 0, max: 60_000 },
  { name: "POLL_HEARTBEAT", field: "pollHeartbeat", unit: 1, min: 0, max: 50_000 },
  { name: "PARKED_POLLS", field: "parkedPolls", unit: 1, min: 1, max: 1_000_000 },
  { name: "WINDOW_BYTES", field: "windowBytes", unit: 1, min: 65_536, max: 68_719_476_736 },
  { name: "RETAIN_MESSAGES", field: "retainMessages", unit: 1, min: 100, max: 1e12 },
  { name: "RETAIN_PRIVATE", field: "retainPrivate", unit: 1, min: 100, max: 1e12 },
  { name: "RETAIN_BYTES", field: "retainBytes", unit: 1, min: 2 ** 20, max: 2 ** 49 },
  { name: "RETAIN_DAYS", field: "retainAge", unit: 86_400_000, min: 1, max: 36_500 },
  { name: "KEY_HOURS", field: "keyAge", unit: 3_600_000, min: 1, max: 876_000 },
  { name: "EDIT_MINUTES", field: "editTime", unit: 60_000, min: 0, max: 100_000_000 },
  { name: "SESSIONS", field: "sessions", unit: 1, min: 1, max: 1e9 },
  { name: "ROOMS", field: "rooms", unit: 1, min: 1, max: 10_000_000 },
  { name: "SESSION_DAYS", field: "sessionAge", unit: 86_400_000, min: 1, max: 36_500 },
];

interface NumberSetting {
  readonly name: string;
  readonly field: keyof Config;
  /** The factor between the setting and the field. */
  readonly unit: number;
  readonly min: number;
  readonly max: number;
}

const FILES = { fileBytes: 26_214_400, ownerBytes: 524_288_000, storageBytes: 10_737_418_240 };

Deno.test("[O1] settings have defaults", () => {
  const config = readConfig({});

  assertEquals(config, {
    port: 8000,
    host: "127.0.0.1",
    certificate: undefined,
    basePath: "",
    store: { kind: "sqlite", path: "data/halley.db" },
    files: { place: { folder: "data/halley.db.files" }, ...FILES },
    workers: 1,
    connectInterval: 25_000,
    intervalTime: 10_000,
    drainDelay: 1_000,
    pollHeartbeat: 0,
    parkedPolls: 19_500,
    windowBytes: 67_108_864,
    retainMessages: 1_000_000,
    retainPrivate: 1_000_000,
    retainBytes: 17_179_869_184,
    retainAge: 365 * 86_400_000,
    retain: [],
    keyAge: 24 * 3_600_000,
    editTime: 24 * 3_600_000,
    sessionAge: 90 * 86_400_000,
    logLevel: "info",
    home: "room:lobby",
    listsRooms: true,
    languages: undefined,
    allowedHosts: [],
    allowedOrigins: [],
    allowedHeaders: [],
    apiKeys: [],
    auth: config.auth,
    webhooks: undefined,
    push: undefined,
    notices: config.notices,
    limits: config.limits,
    sessions: 1_000_000,
    rooms: 100_000,
  });
});

Deno.test("[O1] settings are read from the environment", () => {
  const config = readConfig({
    PORT: "80",
    HOST: "0.0.0.0",
    TLS_CERT: "/etc/tls/tea.crt",
    TLS_KEY: "/etc/tls/tea.key",
    BASE_PATH: "/chat/",
    STORE: "sqlite:/srv/tea and milk.db",
    FILES: "/srv/files",
    WORKERS: "4",
    CONNECT_INTERVAL: "20000",
    INTERVAL_TIME: "5000",
    DRAIN_DELAY: "3000",
    POLL_HEARTBEAT: "9000",
    PARKED_POLLS: "500",
    WINDOW_BYTES: "1048576",
    RETAIN_MESSAGES: "5000",
    RETAIN_PRIVATE: "6000",
    RETAIN_BYTES: "2000000",
    RETAIN_DAYS: "7",
    KEY_HOURS: "48",
    EDIT_MINUTES: "15",
    SESSION_DAYS: "30",
    LOG_LEVEL: "warn",
    LIST_ROOMS: "N",
    LANGUAGES: "languages",
    API_KEYS: "shop:publish+read:sha256$" + "0a".repeat(32),
    ALLOWED_ORIGINS: "https://shop.example, http://127.0.0.1:8080",
    ALLOWED_HEADERS: "X-Shop-Session, x-tenant",
    WEBHOOK_URL: "https://shop.example/halley",
    WEBHOOK_SECRET: "a-secret-of-the-two-of-us",
    WEBHOOK_EVENTS: "undelivered, message",
    UNDELIVERED_AFTER: "120000",
    PUSH: "on",
    PUSH_CONTACT: "mailto:chat@shop.example",
  });

  assertEquals(config, {
    port: 80,
    host: "0.0.0.0",
    certificate: { certificate: "/etc/tls/tea.crt", key: "/etc/tls/tea.key" },
    basePath: "/chat",
    store: { kind: "sqlite", path: "/srv/tea and milk.db" },
    files: { place: { folder: "/srv/files" }, ...FILES },
    workers: 4,
    connectInterval: 20_000,
    intervalTime: 5_000,
    drainDelay: 3_000,
    pollHeartbeat: 9_000,
    parkedPolls: 500,
    windowBytes: 1_048_576,
    retainMessages: 5_000,
    retainPrivate: 6_000,
    retainBytes: 2_000_000,
    retainAge: 604_800_000,
    retain: [],
    keyAge: 172_800_000,
    editTime: 900_000,
    sessionAge: 2_592_000_000,
    logLevel: "warn",
    home: "room:lobby",
    listsRooms: false,
    languages: "languages",
    allowedHosts: [],
    allowedOrigins: ["https://shop.example", "http://127.0.0.1:8080"],
    allowedHeaders: ["x-shop-session", "x-tenant"],
    apiKeys: [{ name: "shop", scopes: ["publish", "read"], digest: "0a".repeat(32) }],
    auth: config.auth,
    webhooks: {
      url: "https://shop.example/halley",
      secret: "a-secret-of-the-two-of-us",
      events: ["message", "undelivered"],
      undeliveredAfterMs: 120_000,
    },
    push: { hosts: [], contact: "mailto:chat@shop.example", key: undefined, notices: "personal" },
    notices: config.notices,
    limits: config.limits,
    sessions: 1_000_000,
    rooms: 100_000,
  });
});

Deno.test("[O1] an empty or blank setting has its default", () => {
  const nothing = Object.fromEntries(settingsRead().map((name) => [name, ""]));
  const blanks = Object.fromEntries(settingsRead().map((name) => [name, " \t"]));

  assertEquals(readConfig(nothing), readConfig({}));
  assertEquals(readConfig(blanks), readConfig({}));
});

Deno.test("[O1] blanks around a value are ignored", () => {
  const { port, store, logLevel } = readConfig({
    PORT: " 80 ",
    STORE: "memory\r",
    LOG_LEVEL: "\tdebug",
  });

  assertEquals({ port, store, logLevel }, {
    port: 80,
    store: { kind: "memory" },
    logLevel: "debug",
  });
});

for (const { name, field, unit, min, max } of NUMBERS) {
  Deno.test(`[O2] ${name} is a whole number from ${min} to ${max}`, () => {
    const allowed = `a whole number from ${min} to ${max}`;

    assertEquals(readConfig({ [name]: String(min) })[field], min * unit);
    assertEquals(readConfig({ [name]: String(max) })[field], max * unit);
    for (const received of [String(min - 1), String(max + 1), "1e4", "0x50", "80.5", "many"]) {
      assertEquals(configErrors({ [name]: received }), [
        `${name} is "${received}"; allowed: ${allowed}`,
      ]);
    }
  });
}

Deno.test("[O2] TLS_CERT and TLS_KEY must be set together", () => {
  const [TLS_CERT, TLS_KEY] = ["tea.crt", "tea.key"];

  assertEquals(readConfig({ TLS_CERT, TLS_KEY }).certificate, {
    certificate: TLS_CERT,
    key: TLS_KEY,
  });
  assertEquals(configErrors({ TLS_CERT }), ["TLS_CERT is set, but TLS_KEY is not: set both"]);
  assertEquals(configErrors({ TLS_KEY }), ["TLS_KEY is set, but TLS_CERT is not: set both"]);
});

Deno.test("[O2] LOG_LEVEL is one of four words", () => {
  for (const level of ["error", "warn", "info", "debug"] as const) {
    assertEquals(readConfig({ LOG_LEVEL: level }).logLevel, level);
  }
  assertEquals(configErrors({ LOG_LEVEL: "INFO" }), [
    'LOG_LEVEL is "INFO"; allowed: error, warn, info or debug',
  ]);
});

Deno.test("[O2] one message reports all invalid settings: the name, the received value, and what is allowed", () => {
  const error = assertThrows(
    () => readConfig({ PORT: "http", HOST: "0.0.0.0", STORE: "tea.db", KEY_HOURS: "0" }),
    ConfigError,
  );

  assertEquals(
    error.message,
    [
      "Invalid settings:",
      '  PORT is "http"; allowed: a whole number from 0 to 65535',
      '  STORE is "tea.db"; allowed: memory, sqlite:<path of a file>, kv, kv:<path of a file>, kv-or-memory, nats://<servers>, or tls://<servers>',
      '  KEY_HOURS is "0"; allowed: a whole number from 1 to 876000',
    ].join("\n"),
  );
});

Deno.test("[O2] an invalid setting does not hide another one", () => {
  const settings = settingsRead().filter((name) => !ANYTHING.split(" ").includes(name));

  const errors = configErrors(Object.fromEntries(settings.map((name) => [name, "?"])));

  assertEquals(errors.map((error) => error.split(" ")[0]).sort(), settings);
});

Deno.test("[O3] .env.example contains exactly the settings that are read", () => {
  assertEquals(Object.keys(parse(uncommented(EXAMPLE))).sort(), settingsRead());
});

Deno.test("[O3] .env.example shows each setting's default", () => {
  const shown = parse(uncommented(EXAMPLE));

  assertEquals(readConfig(shown), readConfig({}));
  assertEquals(Object.values(shown).filter((value) => value === ""), []);
});

Deno.test("[O3] .env.example describes each setting in the lines above it", () => {
  for (const block of EXAMPLE.split("\n\n").filter((text) => SETTING.test(text))) {
    assertMatch(block.trim(), /^(# [^=]+\n)+# [A-Z_]+=\S+$/);
  }
});

Deno.test("[O3] .env.example gives the range of each number", () => {
  for (const { name, min, max } of NUMBERS) {
    const description = EXAMPLE.split("\n\n").find((block) => block.includes(`# ${name}=`)) ?? "";

    assertMatch(description, new RegExp(`\\b${min}( \\([^)]*\\))? to ${max}\\b`));
  }
});

Deno.test("[O3] an unchanged copy of .env.example changes nothing", () => {
  assertEquals(parse(EXAMPLE), {});
});

/** Settings that accept any text. */
const ANYTHING = "LANGUAGES TLS_CERT TLS_KEY NATS_CA NATS_CERT NATS_KEY NOTICES_DB JWT_ISSUER " +
  "JWT_AUDIENCE RESERVED_NAMES FILES";

/** A commented-out setting in `.env.example`. */
const SETTING = /^# (?=[A-Z_]+=)/m;

function uncommented(example: string): string {
  return example.replaceAll(new RegExp(SETTING, "gm"), "");
}

/** The names of all settings that `readConfig` reads. */
function settingsRead(): string[] {
  const names = new Set<string>();
  readConfig(
    new Proxy({}, {
      get: (_, name) => {
        names.add(String(name));
        return undefined;
      },
    }),
  );
  // Set by the platform, not by operators.
  names.delete("DENO_DEPLOY");
  return [...names].sort();
}
