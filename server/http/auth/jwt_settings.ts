import { createPublicKey, type KeyObject } from "node:crypto";

/** How the tokens of the application are verified. */
export interface JwtSettings {
  readonly keys: KeySource;
  /** The required claims `iss` and `aud`, if any. */
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  /** Accepted difference between the clocks of Halley and of the application, in ms. */
  readonly clockSkew: number;
}

/** The keys that tokens are verified with. */
export type KeySource =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "public"; readonly algorithm: Algorithm; readonly jwk: PublicJwk }
  | { readonly kind: "url"; readonly url: string };

/** The algorithms that are accepted with a public key. With a secret it is always `HS256`. */
export type Algorithm = "RS256" | "ES256" | "EdDSA";

/** A public key as a JWK (RFC 7517). */
export type PublicJwk = Readonly<Record<string, string>>;

/** RFC 7518, section 3.2: a key for HS256 must have at least 256 bits. */
const SECRET = /^[\x21-\x7e]{32,4096}$/;

/** Reads a secret or `none`. Returns `undefined` if it is too short. */
export function parseJwtSecret(word: string): { readonly keys?: KeySource } | undefined {
  if (word === "none") return {};
  return SECRET.test(word) ? { keys: { kind: "secret", secret: word } } : undefined;
}

/**
 * Reads a public key or `none`. The key is a JWK, or PEM in which line breaks can be written as `\n`. Returns `undefined`
 * if it is not a public key of a supported kind.
 */
export function parseJwtPublicKey(word: string): { readonly keys?: KeySource } | undefined {
  if (word === "none") return {};
  const key = readKey(word);
  const algorithm = key && algorithmOf(key);
  if (key === undefined || algorithm === undefined) return undefined;
  return { keys: { kind: "public", algorithm, jwk: jwkOf(key) } };
}

/** Reads the URL of a key set or `none`. It must use HTTPS, since plain HTTP would let an attacker insert a key. */
export function parseJwksUrl(word: string): { readonly keys?: KeySource } | undefined {
  if (word === "none") return {};
  const url = URL.parse(word);
  if (url === null || url.username !== "" || url.password !== "") return undefined;
  const isLocal = url.protocol === "http:" &&
    /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  return url.protocol === "https:" || isLocal
    ? { keys: { kind: "url", url: url.href } }
    : undefined;
}

function readKey(word: string): KeyObject | undefined {
  try {
    if (!word.startsWith("{")) return readPem(word.replaceAll("\\n", "\n"));
    const key = JSON.parse(word);
    // Node would derive the public key from a private key, which must not be configured here.
    return "d" in key ? undefined : createPublicKey({ key, format: "jwk" });
  } catch {
    return undefined;
  }
}

function readPem(pem: string): KeyObject | undefined {
  return /^-----BEGIN (RSA )?PUBLIC KEY-----\n/.test(pem) ? createPublicKey(pem) : undefined;
}

function algorithmOf(
  { asymmetricKeyType, asymmetricKeyDetails }: KeyObject,
): Algorithm | undefined {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === "rsa" && modulusLength >= 2_048) return "RS256";
  if (asymmetricKeyType === "ec" && namedCurve === "prime256v1") return "ES256";
  return asymmetricKeyType === "ed25519" ? "EdDSA" : undefined;
}

function jwkOf(key: KeyObject): PublicJwk {
  const entries = Object.entries(key.export({ format: "jwk" }));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
