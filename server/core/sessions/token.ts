import type { Runtime } from "../../base/runtime.ts";

/** Lengths of tokens in bytes, before they are encoded as base64url. */
export const PUBLIC_BYTES = 12;
export const PRIVATE_BYTES = 24;

/** A random token of that many bytes. */
export function randomToken(bytes: number, runtime: Runtime): string {
  return tokenFrom(runtime.randomBytes(bytes));
}

/** Encodes bytes as a token (base64url). */
export function tokenFrom(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}
