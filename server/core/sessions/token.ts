/** Lengths of tokens in bytes, before they are encoded as base64url. */
export const PUBLIC_BYTES = 12;
export const PRIVATE_BYTES = 24;

/** A random token of that many bytes. */
export function randomToken(bytes: number): string {
  return tokenFrom(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** Encodes bytes as a token (base64url). */
export function tokenFrom(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}
