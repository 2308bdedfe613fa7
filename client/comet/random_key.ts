import type { Platform } from "./platform.ts";

/** A random string of 32 hexadecimal digits. Also works on insecure origins, where `crypto.randomUUID` is missing. */
export function randomKey(): string {
  return randomKeyFrom(globalThis);
}

/** The same, from the random source of a platform. */
export function randomKeyFrom(platform: Platform): string {
  const bytes = platform.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
