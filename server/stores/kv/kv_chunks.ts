/** What one value of Deno KV has room for is 64 KiB; a part takes a little less. */
const PART = 60_000;

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder() };

/** A text of any length as values of Deno KV, one at least. */
export function toChunks(text: string): readonly Uint8Array[] {
  const bytes = utf8.encoder.encode(text);
  const count = Math.max(1, Math.ceil(bytes.length / PART));
  return Array.from({ length: count }, (_, n) => bytes.slice(n * PART, (n + 1) * PART));
}

/** The text that {@linkcode toChunks} has cut. */
export function fromChunks(parts: readonly Uint8Array[]): string {
  return parts.map((part) => utf8.decoder.decode(part, { stream: true })).join("") +
    utf8.decoder.decode();
}
