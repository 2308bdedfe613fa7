import { createHash, timingSafeEqual } from "node:crypto";
import type { SettingReader } from "../../base/setting_reader.ts";
import { displayNameOf } from "../../core/model/content.ts";
import { rightsOf } from "../../core/model/rights.ts";
import type { Session } from "../../core/model/session.ts";
import { apiKeySession, type ApiKeySessionOptions } from "../../core/sessions/api_key_session.ts";
import type { Speaker } from "../../protocol/message.ts";

/**
 * What an API key allows: to publish, to sign users in, to read, and to read rooms by pattern, those of visitors included;
 * `admin` includes the others.
 */
export const SCOPES = ["publish", "users", "read", "patterns", "admin"] as const;

/** One of {@linkcode SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** An API key in the settings. */
export interface KeySetting {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the key in hexadecimal digits. */
  readonly digest: string;
  /** The names under which it can publish; none if absent. */
  readonly speakers?: readonly Speaker[];
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

const ALLOWED = {
  keys:
    "none, or name:scopes:key separated by commas, with scopes of publish, users, read, patterns and " +
    "admin joined by +, and a key of at least 22 characters or sha256$<64 hexadecimal digits>",
  speakers: "none, or names such as shop:Support, separated by commas; a picture can follow: " +
    "shop:Support=https://shop.example/support.png",
} as const;

/** Reads the API keys, and the names under which they can publish. */
export function readApiKeys(read: SettingReader): readonly KeySetting[] {
  const keys = read.secret("API_KEYS", "none", parseKeySettings, ALLOWED.keys);
  const all = read.parsed("PUBLISH_AS", "none", parseSpeakers, ALLOWED.speakers);
  for (const { key, speaker } of all) {
    if (keys.some((one) => one.name === key && hasScope(one, "publish"))) continue;
    read.addError(
      `PUBLISH_AS has the name "${speaker.displayName}" for "${key}"; ` +
        "API_KEYS has no key of that name with the scope publish",
    );
  }
  return keys.map((one) => {
    const speakers = all.filter(({ key }) => key === one.name).map(({ speaker }) => speaker);
    return speakers.length === 0 ? one : { ...one, speakers };
  });
}

/** Whether a key has a scope. */
export function hasScope({ scopes }: KeySetting, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes("admin");
}

/** The API keys of a deployment. Only their digests are in memory. */
export class ApiKeys {
  readonly #keys: readonly (ApiKey & { readonly digestBytes: Uint8Array })[];

  /** Each key has these rights and, with the scope `patterns`, the right to all patterns. */
  constructor(settings: readonly KeySetting[], { rights, runtime }: ApiKeySessionOptions) {
    const { patterns } = rightsOf({ patterns: ["room:*"] });
    this.#keys = settings.map((setting) => ({
      ...setting,
      digestBytes: Uint8Array.fromHex(setting.digest),
      session: apiKeySession(setting.name, {
        rights: hasScope(setting, "patterns") ? { ...rights, patterns } : rights,
        runtime,
      }),
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

interface KeySpeaker {
  readonly key: string;
  readonly speaker: Speaker;
}

/** Maximum length of the address of a picture: each message contains it. */
const PICTURE_LENGTH = 1_000;

const SPEAKER = /^([\w.-]{1,64}):([^=]+)(?:=(\S+))?$/;

function parseSpeakers(list: string): readonly KeySpeaker[] | undefined {
  if (list === "none") return [];
  const speakers = list.split(",").map((setting) => parseSpeaker(setting.trim()));
  return speakers.every((speaker) => speaker !== undefined) ? speakers : undefined;
}

function parseSpeaker(setting: string): KeySpeaker | undefined {
  const [, key, name = "", address] = SPEAKER.exec(setting) ?? [];
  if (key === undefined) return undefined;
  try {
    const displayName = displayNameOf(name);
    if (address === undefined) return { key, speaker: { displayName } };
    const picture = parsePicture(address);
    return picture === undefined ? undefined : { key, speaker: { displayName, picture } };
  } catch {
    return undefined; // The name is not valid.
  }
}

function parsePicture(address: string): string | undefined {
  const url = URL.parse(address);
  const isValid = url?.protocol === "https:" && url.username === "" &&
    address.length <= PICTURE_LENGTH;
  return isValid ? url.href : undefined;
}
