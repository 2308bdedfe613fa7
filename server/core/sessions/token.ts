/** How long tokens are (bytes), before they are written in base64. */
export const PUBLIC_BYTES = 12;
export const PRIVATE_BYTES = 24;

/** A new token of so many random bytes. */
export function randomToken(bytes: number): string {
  return tokenFrom(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** Writes a token, in the alphabet that URLs take. */
export function tokenFrom(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}
