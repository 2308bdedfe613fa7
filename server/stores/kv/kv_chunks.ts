/** Size of a chunk in bytes, slightly less than the 64 KiB that a value of Deno KV can have. */
const CHUNK_SIZE = 60_000;

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder() };

/** Splits a text of any length into values for Deno KV, at least one. */
export function toChunks(text: string): readonly Uint8Array[] {
  const bytes = utf8.encoder.encode(text);
  const count = Math.max(1, Math.ceil(bytes.length / CHUNK_SIZE));
  return Array.from({ length: count }, (_, n) => bytes.slice(n * CHUNK_SIZE, (n + 1) * CHUNK_SIZE));
}

/** Joins the chunks that {@linkcode toChunks} made. */
export function fromChunks(chunks: readonly Uint8Array[]): string {
  return chunks.map((chunk) => utf8.decoder.decode(chunk, { stream: true })).join("") +
    utf8.decoder.decode();
}
