import { createHash, timingSafeEqual } from "node:crypto";
import { apiKeySession } from "../../core/sessions/api_key_session.ts";
import type { Session } from "../../core/model/session.ts";

/** What an API key lets one do; `admin` is everything. */
export const SCOPES = ["publish", "read", "admin"] as const;

/** One of {@linkcode SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** A key as the operator has set it. */
export interface KeySetting {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the key, in hexadecimal digits. */
  readonly digest: string;
}

/** A key that a request bears. */
export interface ApiKey extends KeySetting {
  /** For whoever reads with it. */
  readonly session: Session;
}

/** The shortest key that may be set in plain: 22 characters of base64 are 128 bits. */
const LEAST = 22;

const SETTING = /^([\w.-]{1,64}):([a-z+]+):(?:sha256\$([0-9a-f]{64})|([\x21-\x7e]+))$/;

/** Reads `name:scope+scope:key`, several separated by commas, and `none`; `undefined` where something does not fit. */
export function parseKeySettings(list: string): readonly KeySetting[] | undefined {
  if (list === "none") return [];
  const keys = list.split(",").map((setting) => parseKeySetting(setting.trim()));
  const names = new Set(keys.map((key) => key?.name));
  return names.size === keys.length && keys.every((key) => key !== undefined) ? keys : undefined;
}

function parseKeySetting(setting: string): KeySetting | undefined {
  const [, name = "", words = "", digest, plain = ""] = SETTING.exec(setting) ?? [];
  const scopes = words.split("+").map((word) => SCOPES.find((scope) => scope === word));
  if (digest === undefined && plain.length < LEAST) return undefined;
  if (!scopes.every((scope) => scope !== undefined)) return undefined;
  return { name, scopes, digest: digest ?? digestOf(plain) };
}

/** Knows the keys of back ends and operators, by their digests alone. */
export class ApiKeys {
  readonly #keys: readonly (ApiKey & { readonly bytes: Uint8Array })[];

  constructor(settings: readonly KeySetting[]) {
    this.#keys = settings.map((setting) => ({
      ...setting,
      bytes: Uint8Array.fromHex(setting.digest),
      session: apiKeySession(setting.name),
    }));
  }

  /** The key that this word is, if it is one. */
  find(word: string): ApiKey | undefined {
    if (this.#keys.length === 0) return undefined;
    const digest = createHash("sha256").update(word).digest();
    return this.#keys.find(({ bytes }) => timingSafeEqual(bytes, digest));
  }
}

/** Whether a key may be used for something. */
export function allows({ scopes }: KeySetting, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes("admin");
}

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
