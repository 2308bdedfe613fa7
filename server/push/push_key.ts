import type { KeyValue } from "../core/model/store.ts";

/** The key with which this server identifies itself to push services (VAPID, RFC 8292). */
export interface PushKey {
  /** The public part, as browsers take it to subscribe: a point of P-256, uncompressed, in base64url. */
  readonly publicKey: string;
  readonly privateKey: CryptoKey;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** The name of the key in the key-value store. */
const NAME = "push key";

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

/** The key of the settings or, without one, that of the store, which the first node makes. */
export async function loadPushKey(
  keyValue: KeyValue,
  configured: string | undefined,
): Promise<PushKey> {
  if (configured !== undefined) return await importKey(configured);
  const stored = await keyValue.get(NAME);
  if (stored !== undefined) return await importKey(stored);
  await keyValue.replace(NAME, undefined, await createPushKey());
  // Another node may have been first.
  return await importKey(await keyValue.get(NAME) ?? "");
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

async function importKey(text: string): Promise<PushKey> {
  const [, publicKey = "", d = ""] = TEXT.exec(text) ?? [];
  const point = bytesOf(publicKey);
  const [x, y] = [textOf(point.slice(1, 33)), textOf(point.slice(33))];
  const jwk = { kty: "EC", crv: "P-256", x, y, d };
  const privateKey = await crypto.subtle.importKey("jwk", jwk, ALGORITHM, false, ["sign"]);
  return { publicKey, privateKey };
}

function encoded(value: unknown): string {
  return textOf(new TextEncoder().encode(JSON.stringify(value)));
}
