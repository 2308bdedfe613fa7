import { type Runtime, SYSTEM_RUNTIME } from "../base/runtime.ts";

/** Generates the epoch of a new log. */
export function newEpoch(runtime: Runtime = SYSTEM_RUNTIME): string {
  const random = new Uint32Array(runtime.randomBytes(8).slice().buffer);
  return [...random].map((part) => part.toString(36)).join("");
}

/** Generates the salt of a new deployment: 32 random bytes as hexadecimal digits. */
export function newSalt(runtime: Runtime = SYSTEM_RUNTIME): string {
  return [...runtime.randomBytes(32)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
