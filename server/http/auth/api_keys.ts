import { createHash, timingSafeEqual } from "node:crypto";
import type { Runtime } from "../../base/runtime.ts";
import type { Session } from "../../core/model/session.ts";
import { apiKeySession } from "../../core/sessions/api_key_session.ts";

/** What an API key allows: to publish, to sign users in, to read; `admin` includes the others. */
export const SCOPES = ["publish", "users", "read", "admin"] as const;

/** One of {@linkcode SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** An API key in the settings. */
export interface KeySetting {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the key in hexadecimal digits. */
  readonly digest: string;
}

/** An API key that a request carries. */
export interface ApiKey extends KeySetting {
  /** The session of programs that read with this key. */
  readonly session: Session;
}

/** Minimum length of a key in plain text: 22 characters of base64 have 128 bits. */
const MIN_LENGTH = 22;

const SETTING = /^([\w.-]{1,64}):([a-z+]+):(?:sha256\$([0-9a-f]{64})|([\x21-\x7e]+))$/;

/**
 * Reads a comma-separated list of keys in the form `name:scope+scope:key`, or `none`. Returns `undefined` if the list is
 * invalid.
 */
export function parseKeySettings(list: string): readonly KeySetting[] | undefined {
  if (list === "none") return [];
  const keys = list.split(",").map((setting) => parseKeySetting(setting.trim()));
  const names = new Set(keys.map((key) => key?.name));
  return names.size === keys.length && keys.every((key) => key !== undefined) ? keys : undefined;
}

/** Whether a key has a scope. */
export function hasScope({ scopes }: KeySetting, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes("admin");
}

/** The API keys of a deployment. Only their digests are in memory. */
export class ApiKeys {
  readonly #keys: readonly (ApiKey & { readonly digestBytes: Uint8Array })[];

  constructor(settings: readonly KeySetting[], runtime?: Runtime) {
    this.#keys = settings.map((setting) => ({
      ...setting,
      digestBytes: Uint8Array.fromHex(setting.digest),
      session: apiKeySession(setting.name, runtime),
    }));
  }

  /** Finds the key that a token is. */
  find(token: string): ApiKey | undefined {
    if (this.#keys.length === 0) return undefined;
    const digest = createHash("sha256").update(token).digest();
    return this.#keys.find(({ digestBytes }) => timingSafeEqual(digestBytes, digest));
  }
}

function parseKeySetting(setting: string): KeySetting | undefined {
  const [, name = "", scopeList = "", digest, plain = ""] = SETTING.exec(setting) ?? [];
  const scopes = scopeList.split("+").map((word) => SCOPES.find((scope) => scope === word));
  if (digest === undefined && plain.length < MIN_LENGTH) return undefined;
  if (!scopes.every((scope) => scope !== undefined)) return undefined;
  return { name, scopes, digest: digest ?? createHash("sha256").update(plain).digest("hex") };
}
