import { errorMessage } from "../../base/error_message.ts";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import * as v from "valibot";
import { Refused } from "../../core/model/refused.ts";

/** Keys are asked for again after so long (ms), and on an unknown one, but not sooner than after `pause`. */
const AGE = { most: 600_000, pause: 30_000 } as const;

/** An answer may take so long (ms). */
const PATIENCE = 5_000;

/** An answer may hold so many bytes. */
const SIZE = 256 * 1024;

const keySet = v.object({ keys: v.array(v.looseObject({ kty: v.string() })) });

/**
 * The keys at a URL (a JWKS, RFC 7517). They are kept; old ones go on counting while the URL is out of reach. They are
 * asked for by one request at a time, at most every half minute, however many tokens name keys that nobody knows.
 */
export class RemoteKeys {
  readonly #url: string;
  #keys: JWTVerifyGetKey | undefined;
  /** When they were asked for the last time, by the steady clock. */
  #askedAt = -Infinity;
  #gotAt = -Infinity;
  #asking: Promise<void> | undefined;
  #trouble = "";

  constructor(url: string) {
    this.#url = url;
  }

  /** The key that a token names. Throws as jose does, and refuses with `keys_unavailable`. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#keys === undefined) await this.#refresh();
    else if (performance.now() - this.#gotAt > AGE.most) this.#refresh();
    try {
      return await this.#known(header, token);
    } catch (error) {
      if (error instanceof Refused || !await this.#refresh()) throw error;
      return await this.#known(header, token);
    }
  };

  #known: JWTVerifyGetKey = (header, token) => {
    if (this.#keys !== undefined) return this.#keys(header, token);
    const detail = `Cannot read the keys that tokens are checked with: ${this.#trouble}`;
    throw new Refused("keys_unavailable", detail, 5_000);
  };

  /** Asks for the keys, unless that was done a moment ago; says whether it was done. */
  async #refresh(): Promise<boolean> {
    const isTooSoon = performance.now() - this.#askedAt < AGE.pause && this.#keys !== undefined;
    if (this.#asking === undefined && isTooSoon) return false;
    this.#asking ??= this.#ask().finally(() => this.#asking = undefined);
    await this.#asking;
    return true;
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now();
    try {
      this.#keys = createLocalJWKSet(await readKeySet(this.#url));
      this.#gotAt = performance.now();
    } catch (error) {
      this.#trouble = errorMessage(error);
    }
  }
}

async function readKeySet(url: string): Promise<JSONWebKeySet> {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(new Error(`No answer in ${PATIENCE} ms`)), PATIENCE);
  try {
    const response = await fetch(url, { redirect: "error", signal: aborter.signal });
    const text = await readWithin(response, SIZE);
    if (!response.ok) throw new Error(`The answer is ${response.status}`);
    return v.parse(keySet, JSON.parse(text));
  } finally {
    clearTimeout(timer);
  }
}

async function readWithin(response: Response, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  // Leaving the loop early cancels the rest.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > most) throw new Error(`The answer has more than ${most} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
