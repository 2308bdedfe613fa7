/** Generates the epoch of a new log. */
export function newEpoch(): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return [...random].map((part) => part.toString(36)).join("");
}

/** Generates the salt of a new deployment: 32 random bytes as hexadecimal digits. */
export function newSalt(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
