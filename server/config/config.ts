import { formatChannel, parseChannel } from "../protocol/channel.ts";
import { type AuthSettings, readAuthSettings } from "../http/auth/auth_settings.ts";
import { type KeySetting, parseKeySettings } from "../http/auth/api_keys.ts";
import { LOG_LEVELS, type LogLevel } from "../base/logger.ts";
import type { CertificateFiles } from "../http/tls/certificate.ts";
import { type LimitSettings, readLimitSettings } from "../http/limits/limit_settings.ts";
import {
  mayHoldSecret,
  type NatsStoreSetting,
  parseNatsStore,
  withNatsSettings,
} from "../stores/nats/nats_settings.ts";
import { type NoticeSettings, readNoticeSettings } from "../notices/notice_settings.ts";
import { type Environment, SettingReader } from "../base/setting_reader.ts";
import { readWebhookSettings, type WebhookSettings } from "../webhooks/webhook_settings.ts";

/** All that Halley can be told, read and checked. Times in ms. `.env.example` describes each. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** With these, HTTPS is spoken. */
  readonly certificate: CertificateFiles | undefined;
  readonly store: StoreSetting;
  readonly connectInterval: number;
  readonly intervalTime: number;
  readonly drainDelay: number;
  /** 0: none. */
  readonly pollHeartbeat: number;
  readonly parkedPolls: number;
  readonly windowBytes: number;
  readonly retainMessages: number;
  readonly retainAge: number;
  readonly keyAge: number;
  readonly sessionAge: number;
  readonly logLevel: LogLevel;
  /** The room that everyone starts in, such as `room:lobby`. */
  readonly home: string;
  /** Whether everybody may know which rooms are read. */
  readonly listsRooms: boolean;
  /** The origins of foreign pages that may use the API, such as `https://shop.example`; `*` stands for all. */
  readonly allowedOrigins: readonly string[];
  /** Who may publish, read and administer beside sessions. */
  readonly apiKeys: readonly KeySetting[];
  /** Who may come in, and what guests may do. */
  readonly auth: AuthSettings;
  /** What is told to whom by HTTP, if it is. */
  readonly webhooks: WebhookSettings | undefined;
  readonly notices: NoticeSettings;
  /** How often one may ask. */
  readonly limits: LimitSettings;
  /** How many sessions are kept. */
  readonly sessions: number;
  /** How many rooms are read at once. */
  readonly rooms: number;
}

/** Where the log and the sessions are kept. */
export type StoreSetting =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string }
  | {
    readonly kind: "kv";
    /** A file's path or a server's address; absent: the database that Deno Deploy has attached. */
    readonly place?: string;
    /** Whether memory will do where it cannot be opened. */
    readonly isOptional: boolean;
  }
  | NatsStoreSetting;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Reads the settings. Throws a {@linkcode ConfigError} that tells all that is wrong with them. */
export function readConfig(environment: Environment): Config {
  const { config, read } = inspectSettings(environment);
  read.throwFaults();
  return config;
}

/** Reads the settings, and does not mind what is wrong with them: a default stands in its place. */
export function inspectSettings(environment: Environment): { config: Config; read: SettingReader } {
  const read = new SettingReader(environment);
  const isDeploy = environment.DENO_DEPLOY !== undefined;
  const usual = isDeploy ? ON_DEPLOY : ELSEWHERE;
  // NATS has the keys in the memory of its servers.
  const keyHours = /^(nats|tls):/.test(read.text("STORE", "")) ? 1 : 24;
  const config = {
    port: read.wholeNumber("PORT", 8000, { min: 0, max: 65_535 }),
    host: read.text("HOST", usual.host),
    certificate: readCertificateFiles(read),
    store: withNatsSettings(readStore(read, usual.store, isDeploy), read),
    connectInterval: read.wholeNumber("CONNECT_INTERVAL", 25_000, { min: 1_000, max: 55_000 }),
    intervalTime: read.wholeNumber("INTERVAL_TIME", 10_000, { min: 100, max: HOUR }),
    drainDelay: read.wholeNumber("DRAIN_DELAY", usual.drainDelay, { min: 0, max: 60_000 }),
    pollHeartbeat: read.wholeNumber("POLL_HEARTBEAT", usual.heartbeat, { min: 0, max: 50_000 }),
    parkedPolls: read.wholeNumber("PARKED_POLLS", 19_500, { min: 1, max: 1_000_000 }),
    windowBytes: read.wholeNumber("WINDOW_BYTES", 64 * 2 ** 20, { min: 2 ** 16, max: 2 ** 36 }),
    retainMessages: read.wholeNumber("RETAIN_MESSAGES", 1_000_000, { min: 100, max: 1e12 }),
    retainAge: read.wholeNumber("RETAIN_DAYS", 365, { min: 1, max: 36_500 }) * DAY,
    keyAge: read.wholeNumber("KEY_HOURS", keyHours, { min: 1, max: 876_000 }) * HOUR,
    sessionAge: read.wholeNumber("SESSION_DAYS", 90, { min: 1, max: 36_500 }) * DAY,
    logLevel: read.parsed("LOG_LEVEL", "info", parseLogLevel, LOG_LEVELS.join(", ")),
    home: read.parsed("HOME_ROOM", "lobby", parseRoom, "the name of a room, such as lobby"),
    listsRooms: read.parsed("LIST_ROOMS", "Y", parseYesOrNo, "Y or N") === "Y",
    allowedOrigins: read.parsed("ALLOWED_ORIGINS", "none", parseOrigins, ORIGINS),
    apiKeys: read.secret("API_KEYS", "none", parseKeySettings, API_KEYS),
    auth: readAuthSettings(read),
    webhooks: readWebhookSettings(read),
    notices: readNoticeSettings(read),
    limits: readLimitSettings(read),
    sessions: read.wholeNumber("SESSIONS", 1_000_000, { min: 1, max: 1e9 }),
    rooms: read.wholeNumber("ROOMS", 100_000, { min: 1, max: 10_000_000 }),
  };
  return { config, read };
}

const ELSEWHERE = {
  host: "127.0.0.1",
  store: "sqlite:data/halley.db",
  drainDelay: 1_000,
  heartbeat: 0,
} as const;

/**
 * Deno Deploy gives 5 s to stop, and asks nobody whether it is ready: there is nothing to wait for. An instance that
 * says nothing may be stopped after 5 s.
 */
const ON_DEPLOY = {
  host: "0.0.0.0",
  store: "kv-or-memory",
  drainDelay: 0,
  heartbeat: 4_000,
} as const;

const STORES = "memory, sqlite:<path of a file>, kv, kv:<path of a file>, kv-or-memory, " +
  "nats://<servers>, or tls://<servers>";

const ORIGINS = "origins separated by commas, such as https://shop.example; none; or * for all";

const API_KEYS = "none, or name:scopes:key separated by commas, with scopes of publish, read and " +
  "admin joined by +, and a key of at least 22 characters or sha256$<64 hexadecimal digits>";

function readCertificateFiles(read: SettingReader): CertificateFiles | undefined {
  const [certificate, key] = [read.text("TLS_CERT", "none"), read.text("TLS_KEY", "none")];
  if (certificate === "none" && key === "none") return undefined;
  if (certificate === "none") read.addFault("TLS_KEY is set, and TLS_CERT is not");
  if (key === "none") read.addFault("TLS_CERT is set, and TLS_KEY is not");
  return { certificate, key };
}

function readStore(read: SettingReader, fallback: string, isDeploy: boolean): StoreSetting {
  const parse = (word: string) => parseStore(word, isDeploy) ?? parseNatsStore(word);
  const received = (word: string) => mayHoldSecret(word) ? "an address (not shown)" : `"${word}"`;
  return read.parsed("STORE", fallback, parse, STORES, received);
}

function parseStore(word: string, isDeploy: boolean): StoreSetting | undefined {
  if (word === "memory") return { kind: "memory" };
  const [, kind, path] = /^(sqlite|kv):(.+)$/.exec(word) ?? [];
  if (kind === "sqlite" && path !== undefined) return { kind, path };
  if (kind === "kv" && path !== undefined) return { kind, place: path, isOptional: false };
  if (word !== "kv" && word !== "kv-or-memory") return undefined;
  const place = isDeploy ? {} : { place: "data/halley.kv" };
  return { kind: "kv", ...place, isOptional: word === "kv-or-memory" };
}

function parseRoom(name: string): string | undefined {
  const channel = parseChannel(`room:${name}`);
  return channel && formatChannel(channel);
}

function parseYesOrNo(word: string): "Y" | "N" | undefined {
  return word === "Y" || word === "N" ? word : undefined;
}

function parseOrigins(list: string): readonly string[] | undefined {
  if (list === "none") return [];
  const origins = list.split(",").map((word) => word.trim()).filter((word) => word !== "");
  return origins.every(isOrigin) ? origins : undefined;
}

/** Written as a browser writes it: no path, no default port, all in lower case. */
function isOrigin(word: string): boolean {
  return word === "*" || /^https?:/.test(word) && URL.parse(word)?.origin === word;
}

function parseLogLevel(word: string): LogLevel | undefined {
  return LOG_LEVELS.find((level) => level === word);
}
