const utf8 = new TextEncoder();

/**
 * A string that sorts as Deno KV sorts a key: bytes before strings, strings before numbers, numbers before booleans, and a
 * key before those that continue it.
 */
export function sortable(key: Deno.KvKey): string {
  return key.map(sortablePart).join("");
}

function sortablePart(part: Deno.KvKeyPart): string {
  if (part instanceof Uint8Array) return `\x01${escapeZeros(part)}`;
  if (typeof part === "string") return `\x02${escapeZeros(utf8.encode(part))}`;
  if (typeof part === "number") return `\x04${binary(bitsOf(part))}`;
  if (typeof part === "boolean") return part ? "\x07" : "\x06";
  throw new Error("Big integers as parts of keys are not modelled");
}

function escapeZeros(bytes: Uint8Array): string {
  return `${binary(bytes).replaceAll("\0", "\0\xff")}\0`;
}

/** The bits of a number, changed so that they sort as numbers do. */
function bitsOf(number: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, number);
  const isNegative = (bytes[0] ?? 0) >= 0x80;
  return bytes.map((byte, n) => isNegative ? byte ^ 0xff : n === 0 ? byte ^ 0x80 : byte);
}

function binary(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
