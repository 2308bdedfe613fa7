import { createPublicKey, type KeyObject } from "node:crypto";

/** The tokens of an application, as the operator has described them. Durations are milliseconds. */
export interface JwtSettings {
  readonly keys: KeySource;
  /** What must stand in `iss`, and in `aud`, where it is set. */
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  /** By how much the clocks of Halley and of the application may differ. */
  readonly clockSkew: number;
}

/** Where the keys are that tokens are checked with. */
export type KeySource =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "public"; readonly algorithm: Algorithm; readonly jwk: PublicJwk }
  | { readonly kind: "url"; readonly url: string };

/** The algorithms of public keys that count; beside them there is only `HS256`, of a secret. */
export type Algorithm = "RS256" | "ES256" | "EdDSA";

/** A public key, as RFC 7517 has it. */
export type PublicJwk = Readonly<Record<string, string>>;

/** RFC 7518, section 3.2: a key for HS256 has at least 256 bits. */
const SECRET = /^[\x21-\x7e]{32,4096}$/;

/** Reads a secret, and `none`; `undefined` where it is too short. */
export function parseJwtSecret(word: string): { readonly keys?: KeySource } | undefined {
  if (word === "none") return {};
  return SECRET.test(word) ? { keys: { kind: "secret", secret: word } } : undefined;
}

/**
 * Reads a public key, as PEM (line breaks may be written `\n`) or as a JWK, and `none`; `undefined` where it is no public
 * key of a kind that counts.
 */
export function parseJwtPublicKey(word: string): { readonly keys?: KeySource } | undefined {
  if (word === "none") return {};
  const key = readKey(word);
  const algorithm = key && algorithmOf(key);
  if (key === undefined || algorithm === undefined) return undefined;
  return { keys: { kind: "public", algorithm, jwk: jwkOf(key) } };
}

/** Reads the address of a set of keys, and `none`; over bare HTTP anybody on the way could put in a key of their own. */
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
    // Node would make a public key of a private one. That one has no business here.
    return "d" in key ? undefined : createPublicKey({ key, format: "jwk" });
  } catch {
    return undefined; // What cannot be read is none.
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
