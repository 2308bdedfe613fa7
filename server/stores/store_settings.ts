import type { SettingReader } from "../base/setting_reader.ts";
import {
  mayHoldSecret,
  type NatsStoreSetting,
  parseNatsStore,
  withNatsSettings,
} from "./nats/nats_settings.ts";

/** Where messages and sessions are stored. */
export type StoreSetting =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string }
  | {
    readonly kind: "kv";
    /** The path of a file or the address of a server; absent for the database that Deno Deploy provides. */
    readonly location?: string;
    /** Whether to use memory if the database cannot be opened. */
    readonly isOptional: boolean;
  }
  | NatsStoreSetting;

const STORES = "memory, sqlite:<path of a file>, kv, kv:<path of a file>, kv-or-memory, " +
  "nats://<servers>, or tls://<servers>";

/** Reads where messages and sessions are stored. */
export function readStoreSettings(
  read: SettingReader,
  { fallback, isDeploy }: { readonly fallback: string; readonly isDeploy: boolean },
): StoreSetting {
  const parse = (text: string) => parseStore(text, isDeploy) ?? parseNatsStore(text);
  const describe = (text: string) =>
    mayHoldSecret(text) ? "invalid (value not shown)" : `"${text}"`;
  return withNatsSettings(read.parsed("STORE", fallback, parse, STORES, describe), read);
}

function parseStore(text: string, isDeploy: boolean): StoreSetting | undefined {
  if (text === "memory") return { kind: "memory" };
  const [, kind, path] = /^(sqlite|kv):(.+)$/.exec(text) ?? [];
  if (kind === "sqlite" && path !== undefined) return { kind, path };
  if (kind === "kv" && path !== undefined) return { kind, location: path, isOptional: false };
  if (text !== "kv" && text !== "kv-or-memory") return undefined;
  const location = isDeploy ? {} : { location: "data/halley.kv" };
  return { kind: "kv", ...location, isOptional: text === "kv-or-memory" };
}
