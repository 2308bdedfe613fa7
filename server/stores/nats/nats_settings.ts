import type { SettingReader } from "../../base/setting_reader.ts";
import type { NatsConnectOptions } from "./nats_client.ts";

/** A store over NATS. */
export interface NatsStoreSetting {
  readonly kind: "nats";
  readonly connection: NatsConnectOptions;
  /** Number of replicas of each stream. By default 1 for new streams, and unchanged for existing ones. */
  readonly replicas?: number;
  /** Whether to refuse a cluster that can lose acknowledged messages in a power failure. */
  readonly mustSync?: boolean;
}

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?$/;

/** Parses the URL of a NATS cluster. Returns `undefined` if it is invalid. */
export function parseNatsStore(text: string): NatsStoreSetting | undefined {
  const [, scheme, , login, hosts] = /^(nats|tls):\/\/(([^@/\s]*)@)?([^@/]+)\/?$/.exec(text) ?? [];
  if (scheme === undefined || hosts === undefined) return undefined;
  const servers = hosts.split(",").map((host) => host.trim());
  if (!servers.every((server) => HOST.test(server))) return undefined;
  const credentials = login === undefined ? {} : parseLogin(login);
  return credentials && {
    kind: "nats",
    connection: { servers, tls: scheme === "tls", ...credentials },
  };
}

/** Whether a value can contain a password, as URLs of servers can: no error message must repeat it. */
export function mayHoldSecret(text: string): boolean {
  return text.includes("@") || /^(nats|tls):/.test(text);
}

/** Adds the `NATS_…` settings to the setting of a NATS store. Reads them for every store, so that errors are reported. */
export function withNatsSettings<Setting extends { readonly kind: string }>(
  setting: Setting | NatsStoreSetting,
  read: SettingReader,
): Setting | NatsStoreSetting {
  const { replicas } = read.parsed("NATS_REPLICAS", "as-it-is", parseReplicas, REPLICAS);
  const mustSync = read.oneOf("NATS_DURABLE", "warn", ["warn", "require"]) === "require";
  const files = {
    ...pathAs("ca", read.text("NATS_CA", "none")),
    ...pathAs("certificate", read.text("NATS_CERT", "none")),
    ...pathAs("key", read.text("NATS_KEY", "none")),
  };
  if (!isNats(setting)) return setting;
  const connection = { ...setting.connection, ...files };
  return {
    ...setting,
    connection,
    ...(replicas !== undefined && { replicas }),
    ...(mustSync && { mustSync }),
  };
}

const REPLICAS = "1, 3, 5, or as-it-is";

function parseReplicas(text: string): { readonly replicas?: number } | undefined {
  if (text === "as-it-is") return {};
  return /^[135]$/.test(text) ? { replicas: Number(text) } : undefined;
}

function pathAs(name: "ca" | "certificate" | "key", path: string) {
  return path === "none" ? {} : { [name]: path };
}

function isNats(setting: { readonly kind: string }): setting is NatsStoreSetting {
  return setting.kind === "nats";
}

/** Parses `user:password` or a token, both percent-encoded. */
function parseLogin(text: string) {
  try {
    const [user = "", ...rest] = text.split(":").map(decodeURIComponent);
    return rest.length === 0 ? { token: user } : { user, password: rest.join(":") };
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
