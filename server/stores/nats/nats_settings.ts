import type { SettingReader } from "../../base/setting_reader.ts";
import type { NatsConnectOptions } from "./nats_client.ts";

/** A store over NATS. */
export interface NatsStoreSetting {
  readonly kind: "nats";
  readonly connection: NatsConnectOptions;
  /** How many servers have each stream; absent: one in a new deployment, and as many as there are in an older one. */
  readonly replicas?: number;
}

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?$/;

/** Reads an address of NATS. What is none is `undefined`. */
export function parseNatsStore(word: string): NatsStoreSetting | undefined {
  const [, scheme, , who, hosts] = /^(nats|tls):\/\/(([^@/\s]*)@)?([^@/]+)\/?$/.exec(word) ?? [];
  if (scheme === undefined || hosts === undefined) return undefined;
  const servers = hosts.split(",").map((host) => host.trim());
  if (!servers.every((server) => HOST.test(server))) return undefined;
  const login = who === undefined ? {} : parseLogin(who);
  return login && { kind: "nats", connection: { servers, tls: scheme === "tls", ...login } };
}

/** Whether a word may hold a password, as addresses of servers do: no error may repeat it. */
export function mayHoldSecret(word: string): boolean {
  return word.includes("@") || /^(nats|tls):/.test(word);
}

/** Adds to a store over NATS what is told of it beside its address. */
export function withNatsSettings<Setting extends { readonly kind: string }>(
  setting: Setting | NatsStoreSetting,
  read: SettingReader,
): Setting | NatsStoreSetting {
  const { replicas } = read.parsed("NATS_REPLICAS", "as-it-is", parseReplicas, REPLICAS);
  const files = {
    ...pathAs("ca", read.text("NATS_CA", "none")),
    ...pathAs("certificate", read.text("NATS_CERT", "none")),
    ...pathAs("key", read.text("NATS_KEY", "none")),
  };
  if (!isNats(setting)) return setting;
  const place = { ...setting.connection, ...files };
  return { ...setting, connection: place, ...(replicas !== undefined && { replicas }) };
}

const REPLICAS = "1, 3, 5, or as-it-is";

function parseReplicas(word: string): { readonly replicas?: number } | undefined {
  if (word === "as-it-is") return {};
  return /^[135]$/.test(word) ? { replicas: Number(word) } : undefined;
}

function pathAs(name: "ca" | "certificate" | "key", word: string) {
  return word === "none" ? {} : { [name]: word };
}

function isNats(setting: { readonly kind: string }): setting is NatsStoreSetting {
  return setting.kind === "nats";
}

/** Reads `user:password` or a token; what cannot stand in an address is written with percent signs. */
function parseLogin(word: string) {
  try {
    const [user = "", ...rest] = word.split(":").map(decodeURIComponent);
    return rest.length === 0 ? { token: user } : { user, password: rest.join(":") };
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
