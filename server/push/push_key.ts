import { StartError } from "../base/start_error.ts";
import type { KeyValue } from "../core/model/store.ts";

/** The key with which this server identifies itself to push services (VAPID, RFC 8292). */
export interface PushKey {
  /** The public part, as browsers take it to subscribe: a point of P-256, uncompressed, in base64url. */
  readonly publicKey: string;
  readonly privateKey: CryptoKey;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** The name of the keys in the key-value store. */
const NAME = "push key";

/** Maximum number of stored keys: the newest one, and earlier ones for devices that have subscribed with them. */
const MAX_KEYS = 5;

/** Separates keys. */
const SEPARATOR = " ";

/** How long a token is valid, in s: at most a day. */
const TOKEN_AGE = 12 * 3_600;

/** The public and the private part in base64url. */
const TEXT = /^(B[A-Za-z0-9_-]{86})\.([A-Za-z0-9_-]{43})$/;

/** Makes a new key, as text for a setting or a store. */
export async function createPushKey(): Promise<string> {
  const { privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["sign"]);
  const { x = "", y = "", d = "" } = await crypto.subtle.exportKey("jwk", privateKey);
  const point = new Uint8Array([4, ...bytesOf(x), ...bytesOf(y)]);
  return `${textOf(point)}.${d}`;
}

export function isPushKey(text: string): boolean {
  return TEXT.test(text);
}

/**
 * The keys of a deployment. A subscription takes only pushes with the key that it was made with, so earlier keys are stored
 * too: after a change, devices get pushes until their page subscribes again.
 */
export class PushKeys {
  readonly #keyValue: KeyValue;
  /** The newest first. */
  #keys: readonly PushKey[];

  /**
   * With the key of the settings as the newest one or, without it, that of the store, which the first node makes. Throws a
   * `StartError` if the parts of that of the settings do not belong together: services would refuse all its pushes.
   */
  static async load(keyValue: KeyValue, configured: string | undefined): Promise<PushKeys> {
    if (configured !== undefined && !await importKey(configured)) {
      throw new StartError(
        "Cannot use PUSH_KEY: its parts do not belong together. Set the key that halley token push prints",
      );
    }
    while (true) {
      const stored = await keyValue.get(NAME);
      const before = await usableKeys(stored);
      const newest = configured ?? before[0] ?? await createPushKey();
      const keys = [newest, ...before.filter((key) => key !== newest)].slice(0, MAX_KEYS);
      const text = keys.join(SEPARATOR);
      // Another node may have been first.
      if (text === stored || await keyValue.replace(NAME, stored, text)) {
        return new PushKeys(keyValue, await importKeys(keys));
      }
    }
  }

  private constructor(keyValue: KeyValue, keys: readonly PushKey[]) {
    this.#keyValue = keyValue;
    this.#keys = keys;
  }

  /** The public key with which browsers subscribe. */
  get publicKey(): string {
    return this.#keys[0]?.publicKey ?? "";
  }

  /** The key that has this public part; `undefined` if it is not known any more. */
  async find(publicKey: string): Promise<PushKey | undefined> {
    const found = this.#keys.find((key) => key.publicKey === publicKey);
    if (found) return found;
    // Another node may have been started with another key since.
    const stored = parseKeys(await this.#keyValue.get(NAME))
      .find((key) => key.startsWith(`${publicKey}.`));
    const key = stored === undefined ? undefined : await importKey(stored);
    if (key) this.#keys = [...this.#keys, key];
    return key;
  }
}

/** The header `Authorization` for a request to a push service. `now`: Unix time in ms. */
export async function vapidHeader(
  { publicKey, privateKey }: PushKey,
  { endpoint, contact, now }: {
    readonly endpoint: string;
    readonly contact: string;
    readonly now: number;
  },
): Promise<string> {
  const claims = {
    aud: new URL(endpoint).origin,
    exp: Math.floor(now / 1_000) + TOKEN_AGE,
    sub: contact,
  };
  const head = [{ typ: "JWT", alg: "ES256" }, claims].map(encoded).join(".");
  const signature = await crypto.subtle.sign(SIGNATURE, privateKey, new TextEncoder().encode(head));
  return `vapid t=${head}.${textOf(new Uint8Array(signature))}, k=${publicKey}`;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

export function textOf(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function parseKeys(stored: string | undefined): readonly string[] {
  return stored?.split(SEPARATOR) ?? [];
}

/** An earlier version has also stored what can never be used. */
async function usableKeys(stored: string | undefined): Promise<readonly string[]> {
  const texts = parseKeys(stored);
  const keys = await Promise.all(texts.map(importKey));
  return texts.filter((_, index) => keys[index]);
}

async function importKeys(texts: readonly string[]): Promise<readonly PushKey[]> {
  return (await Promise.all(texts.map(importKey))).filter((key) => key !== undefined);
}

/** Returns `undefined` if the public part is not that of the private one. */
async function importKey(text: string): Promise<PushKey | undefined> {
  const [, publicKey = "", d = ""] = TEXT.exec(text) ?? [];
  const point = bytesOf(publicKey);
  const [x, y] = [textOf(point.slice(1, 33)), textOf(point.slice(33))];
  const jwk = { kty: "EC", crv: "P-256", x, y };
  try {
    const [privateKey, verifyKey] = await Promise.all([
      crypto.subtle.importKey("jwk", { ...jwk, d }, ALGORITHM, false, ["sign"]),
      crypto.subtle.importKey("jwk", jwk, ALGORITHM, false, ["verify"]),
    ]);
    const signature = await crypto.subtle.sign(SIGNATURE, privateKey, point);
    const isPair = await crypto.subtle.verify(SIGNATURE, verifyKey, signature, point);
    return isPair ? { publicKey, privateKey } : undefined;
  } catch {
    return undefined;
  }
}

function encoded(value: unknown): string {
  return textOf(new TextEncoder().encode(JSON.stringify(value)));
}
