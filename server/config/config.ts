import { formatChannel, parseChannel } from "../protocol/channel.ts";
import { type AuthSettings, readAuthSettings } from "../http/auth/auth_settings.ts";
import { type KeySetting, readApiKeys } from "../http/auth/api_keys.ts";
import { parseBasePath } from "../http/base_path.ts";
import { parseHeaders, parseOrigins } from "../http/cors.ts";
import { parseHosts } from "../http/host_guard.ts";
import { parseHost } from "../http/listener.ts";
import { LOG_LEVELS, type LogLevel } from "../base/logger.ts";
import type { CertificateFiles } from "../http/tls/certificate.ts";
import { readTlsSettings } from "../http/tls/tls_settings.ts";
import { type LimitSettings, readLimitSettings } from "../http/limits/limit_settings.ts";
import { readRetainSetting, type RetainSetting } from "../stores/retain_settings.ts";
import { type FileSettings, readFileSettings } from "../files/file_settings.ts";
import { readStoreSettings, type StoreSetting } from "../stores/store_settings.ts";
import { type NoticeSettings, readNoticeSettings } from "../notices/notice_settings.ts";
import { type Environment, SettingReader } from "../base/setting_reader.ts";
import { type PushSettings, readPushSettings } from "../push/push_settings.ts";
import { readWebhookSettings, type WebhookSettings } from "../webhooks/webhook_settings.ts";

/** The settings of a server, parsed and checked. Times in ms. `.env.example` describes each setting. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** The path of this server on its site, such as `/chat`; empty if it is the whole site. */
  readonly basePath: string;
  /** With a certificate, the server uses HTTPS. */
  readonly certificate: CertificateFiles | undefined;
  readonly store: StoreSetting;
  readonly files: FileSettings;
  /** The number of workers, one for each processor that is to be used; on Deno Deploy 1. */
  readonly workers: number;
  readonly connectInterval: number;
  readonly intervalTime: number;
  readonly drainDelay: number;
  /** 0 disables it. */
  readonly pollHeartbeat: number;
  readonly parkedPolls: number;
  readonly windowBytes: number;
  readonly retainMessages: number;
  readonly retainPrivate: number;
  readonly retainBytes: number;
  readonly retainAge: number;
  /** How long messages of some channels are stored, if shorter than others. */
  readonly retain: RetainSetting;
  readonly keyAge: number;
  readonly sessionAge: number;
  /** For how long authors can edit and delete their messages; 0 if they cannot. */
  readonly editTime: number;
  readonly logLevel: LogLevel;
  /** The channel that everyone starts in, such as `room:lobby`. */
  readonly home: string;
  /** Whether everyone may list the rooms that are being read. */
  readonly listsRooms: boolean;
  /** The folder with the operator's sentences. */
  readonly languages: string | undefined;
  /** The origins of other sites' pages that may use the API, as `CorsSettings` has them. */
  readonly allowedOrigins: readonly string[];
  /** The request headers that these pages may send beside those of the API and of tracing. */
  readonly allowedHeaders: readonly string[];
  /** The names of this server in requests; none: see `hostRule`. */
  readonly allowedHosts: readonly string[];
  /** The API keys of back ends and administrators. */
  readonly apiKeys: readonly KeySetting[];
  /** Who may sign in, and what guests may do. */
  readonly auth: AuthSettings;
  readonly webhooks: WebhookSettings | undefined;
  readonly push: PushSettings | undefined;
  readonly notices: NoticeSettings;
  readonly limits: LimitSettings;
  /** Maximum number of sessions. */
  readonly sessions: number;
  /** Maximum number of rooms that can be read at the same time. */
  readonly rooms: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Reads the settings. Throws a `ConfigError` that lists all invalid settings. */
export function readConfig(environment: Environment): Config {
  const { config, read } = inspectSettings(environment);
  read.throwIfInvalid();
  return config;
}

/** Like {@linkcode readConfig}, but never throws: an invalid setting has its default value, and the reader has the errors. */
export function inspectSettings(environment: Environment): { config: Config; read: SettingReader } {
  const read = new SettingReader(environment);
  const isDeploy = environment.DENO_DEPLOY !== undefined;
  const defaults = isDeploy ? DEPLOY_DEFAULTS : DEFAULTS;
  const address = {
    port: read.wholeNumber("PORT", 8000, { min: 0, max: 65_535 }),
    host: read.parsed("HOST", defaults.host, parseHost, ADDRESSES),
    certificate: readTlsSettings(read),
    basePath: read.parsed("BASE_PATH", "none", parseBasePath, BASE_PATHS),
  };
  const store = readStoreSettings(read, { fallback: defaults.store, isDeploy });
  const workers = read.parsed("WORKERS", "1", parseWorkers, WORKERS);
  // NATS has the message keys in memory.
  const keyHours = store.kind === "nats" ? 1 : 24;
  const languages = read.text("LANGUAGES", "none");
  const retainAge = read.wholeNumber("RETAIN_DAYS", 365, { min: 1, max: 36_500 }) * DAY_MS;
  const config = {
    ...address,
    store,
    files: readFileSettings(read, store),
    workers: isDeploy ? 1 : workers,
    connectInterval: read.wholeNumber("CONNECT_INTERVAL", 25_000, { min: 1_000, max: 55_000 }),
    intervalTime: read.wholeNumber("INTERVAL_TIME", 10_000, { min: 100, max: HOUR_MS }),
    drainDelay: read.wholeNumber("DRAIN_DELAY", defaults.drainDelay, { min: 0, max: 60_000 }),
    pollHeartbeat: read.wholeNumber("POLL_HEARTBEAT", defaults.heartbeat, { min: 0, max: 50_000 }),
    parkedPolls: read.wholeNumber("PARKED_POLLS", 19_500, { min: 1, max: 1_000_000 }),
    windowBytes: read.wholeNumber("WINDOW_BYTES", 64 * 2 ** 20, { min: 2 ** 16, max: 2 ** 36 }),
    retainMessages: read.wholeNumber("RETAIN_MESSAGES", 1_000_000, { min: 100, max: 1e12 }),
    retainPrivate: read.wholeNumber("RETAIN_PRIVATE", 1_000_000, { min: 100, max: 1e12 }),
    retainBytes: read.wholeNumber("RETAIN_BYTES", 2 ** 34, { min: 2 ** 20, max: 2 ** 49 }),
    retainAge,
    retain: readRetainSetting(read, retainAge),
    keyAge: read.wholeNumber("KEY_HOURS", keyHours, { min: 1, max: 876_000 }) * HOUR_MS,
    sessionAge: read.wholeNumber("SESSION_DAYS", 90, { min: 1, max: 36_500 }) * DAY_MS,
    editTime: read.wholeNumber("EDIT_MINUTES", 1_440, { min: 0, max: 1e8 }) * 60_000,
    logLevel: read.oneOf("LOG_LEVEL", "info", LOG_LEVELS),
    home: read.parsed("HOME_ROOM", "lobby", parseRoom, "the name of a room, such as lobby"),
    listsRooms: read.oneOf("LIST_ROOMS", "Y", ["Y", "N"]) === "Y",
    languages: languages === "none" ? undefined : languages,
    allowedOrigins: read.parsed("ALLOWED_ORIGINS", "none", parseOrigins, ORIGINS),
    allowedHeaders: read.parsed("ALLOWED_HEADERS", "none", parseHeaders, HEADERS),
    allowedHosts: read.parsed("ALLOWED_HOSTS", "none", parseHosts, HOSTS),
    apiKeys: readApiKeys(read),
    auth: readAuthSettings(read),
    webhooks: readWebhookSettings(read),
    push: readPushSettings(read),
    notices: readNoticeSettings(read),
    limits: readLimitSettings(read),
    sessions: read.wholeNumber("SESSIONS", 1_000_000, { min: 1, max: 1e9 }),
    rooms: read.wholeNumber("ROOMS", 100_000, { min: 1, max: 10_000_000 }),
  };
  const { auth: { visitorRooms }, home } = config;
  if (visitorRooms.some((pattern) => home.startsWith(pattern.slice(0, -1)))) {
    read.addError("HOME_ROOM is a room of VISITOR_ROOMS, which nobody could read");
  }
  return { config, read };
}

const DEFAULTS = {
  host: "127.0.0.1",
  store: "sqlite:data/halley.db",
  drainDelay: 1_000,
  heartbeat: 0,
} as const;

/**
 * Deno Deploy gives an instance 5 s to stop and never calls `/ready`, so there is nothing to wait for. It may stop an
 * instance that sends nothing for 5 s, so parked polls send heartbeats.
 */
const DEPLOY_DEFAULTS = {
  host: "0.0.0.0",
  store: "kv-or-memory",
  drainDelay: 0,
  heartbeat: 4_000,
} as const;

const ADDRESSES = "an IP address or a name of this machine, without a port";

const BASE_PATHS = "none, or the path of this server on its site, such as /chat: segments of " +
  "letters, digits, ., _, ~ and - that each begin with a slash";

const ORIGINS =
  "origins separated by commas, such as https://shop.example, https://*.shop.example " +
  "for all of its subdomains, or capacitor://localhost for an app; none; or * for all";

const HEADERS = "names of headers separated by commas, or none; " +
  "not those that browsers or Halley use themselves, such as Cookie, Origin or Authorization, and " +
  "not those in which proxies tell the client's address or host, such as X-Forwarded-For";

const HOSTS =
  "names without a port separated by commas, such as chat.example.com; none; or * for all";

const MAX_WORKERS = 64;

const WORKERS = `a whole number from 1 to ${MAX_WORKERS}, or auto for one per processor`;

function parseWorkers(text: string): number | undefined {
  if (text === "auto") return Math.min(navigator.hardwareConcurrency, MAX_WORKERS);
  const count = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= MAX_WORKERS ? count : undefined;
}

function parseRoom(name: string): string | undefined {
  const channel = parseChannel(`room:${name}`);
  return channel && formatChannel(channel);
}
