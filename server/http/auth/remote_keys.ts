import {
  createLocalJWKSet,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from "jose";
import * as v from "valibot";
import { LONG_AGO, monotonicNow, msSince } from "../../base/clock.ts";
import { errorMessage } from "../../base/error_message.ts";
import { Refused } from "../../core/model/refused.ts";

/** Keys are fetched again after this time. */
const MAX_AGE_MS = 600_000;

/** Minimum time between two fetches. */
const MIN_INTERVAL_MS = 30_000;

const TIMEOUT_MS = 5_000;

/** Maximum size of a key set in bytes. */
const MAX_BYTES = 256 * 1024;

const keySet = v.object({ keys: v.array(v.unknown()) });

const webKey = v.looseObject({ kty: v.string() });

/**
 * The keys of a JWKS URL (RFC 7517). They are cached, and used for as long as the URL is unavailable. They are fetched
 * again when they are old and when a token names an unknown key: one request at a time, at most every 30 seconds, however
 * many such tokens arrive.
 */
export class RemoteKeys {
  readonly #url: string;
  #keys: JWTVerifyGetKey | undefined;
  #fetchedAt = LONG_AGO;
  /** Start of the last fetch, successful or not. */
  #triedAt = LONG_AGO;
  #fetching: Promise<void> | undefined;
  #lastError = "";

  constructor(url: string) {
    this.#url = url;
  }

  /** The key that a token names. Rejects as jose does, or refuses with `keys_unavailable`. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#keys === undefined) await this.#refresh();
    else if (msSince(this.#fetchedAt) > MAX_AGE_MS) this.#refresh();
    try {
      return await this.#findCached(header, token);
    } catch (error) {
      if (error instanceof Refused || !await this.#refresh()) throw error;
      return await this.#findCached(header, token);
    }
  };

  #findCached: JWTVerifyGetKey = (header, token) => {
    if (this.#keys !== undefined) return this.#keys(header, token);
    const detail = `Cannot fetch the keys that tokens are verified with: ${this.#lastError}`;
    throw new Refused("keys_unavailable", detail, 5_000);
  };

  /** Fetches the keys, unless that was tried a moment ago. Returns whether it was done. */
  async #refresh(): Promise<boolean> {
    const isTooSoon = this.#keys !== undefined && msSince(this.#triedAt) < MIN_INTERVAL_MS;
    if (this.#fetching === undefined && isTooSoon) return false;
    this.#fetching ??= this.#fetch().finally(() => this.#fetching = undefined);
    await this.#fetching;
    return true;
  }

  async #fetch(): Promise<void> {
    this.#triedAt = monotonicNow();
    try {
      this.#keys = createLocalJWKSet(await fetchKeySet(this.#url));
      this.#fetchedAt = monotonicNow();
    } catch (error) {
      this.#lastError = errorMessage(error);
    }
  }
}

async function fetchKeySet(url: string): Promise<JSONWebKeySet> {
  const aborter = new AbortController();
  const timeout = new Error(`no answer within ${TIMEOUT_MS} ms`);
  const timer = setTimeout(() => aborter.abort(timeout), TIMEOUT_MS);
  try {
    const response = await fetch(url, { redirect: "error", signal: aborter.signal });
    const text = await readText(response, MAX_BYTES);
    if (!response.ok) throw new Error(`the response has status ${response.status}`);
    const { keys } = v.parse(keySet, JSON.parse(text));
    const usable = (await Promise.all(keys.map(usableKey))).filter((key) => key !== undefined);
    if (usable.length === 0) throw new Error("the response contains no usable key");
    return { keys: usable };
  } finally {
    clearTimeout(timer);
  }
}

/** The algorithm of a key that does not name one. */
const ALGORITHMS: Readonly<Record<string, string>> = { RSA: "RS256", EC: "ES256", OKP: "EdDSA" };

/** jose rejects a short RSA key when it verifies a signature. */
const MIN_RSA_BITS = 2_048;

/** Returns a public key as jose wants it, or `undefined` if it cannot verify anything: the others of its set still can. */
async function usableKey(value: unknown): Promise<JWK | undefined> {
  const { success, output: key } = v.safeParse(webKey, value);
  if (!success) return undefined;
  const { kty, alg } = key;
  try {
    const imported = await importJWK(key, typeof alg === "string" ? alg : ALGORITHMS[kty]);
    if (!(imported instanceof CryptoKey) || imported.type !== "public") return undefined;
    // Deno checks the point of an elliptic curve only when the key is used.
    await crypto.subtle.exportKey("spki", imported);
    const { algorithm } = imported;
    const bits = "modulusLength" in algorithm ? Number(algorithm.modulusLength) : MIN_RSA_BITS;
    return bits < MIN_RSA_BITS ? undefined : key;
  } catch {
    return undefined;
  }
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  // Leaving the loop early cancels the rest of the body.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`the response is larger than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
