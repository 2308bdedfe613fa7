import { type ByteReader, joined } from "../byte_reader.ts";
import {
  type Bytes,
  damaged,
  type Dimensions,
  larger,
  latin1,
  NO_SIZE,
  type PictureFormat,
  viewOf,
} from "./format.ts";
import { ORIENTATION_BYTES, orientationIn, orientationOnly } from "./orientation.ts";

/** The chunks that stay as they are. */
const KEPT = new Set(["VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"]);

/** In the flags of a VP8X chunk: there is a chunk of XMP. */
const XMP_FLAG = 0x04;

/** Maximum size of an Exif chunk that is searched for the orientation. */
const EXIF_BYTES = 2 ** 16;

/**
 * WebP: https://developers.google.com/speed/webp/docs/riff_container. The file begins with its size, so what does not stay is
 * replaced by zeros in a chunk of another name, which decoders ignore.
 */
export const WEBP: PictureFormat = {
  name: "WebP",
  type: "image/webp",
  matches: (head) =>
    latin1(head.subarray(0, 4)) === "RIFF" && latin1(head.subarray(8, 12)) === "WEBP",
  clean,
};

async function* clean(reader: ByteReader): AsyncGenerator<Bytes, Dimensions> {
  const header = await reader.read(12);
  yield header;
  let rest = viewOf(header).getUint32(4, true) - 4;
  let size = NO_SIZE;
  while (rest >= 8) {
    const head = await reader.read(8);
    if (head.length < 8) return size;
    const type = latin1(head.subarray(0, 4));
    const length = viewOf(head).getUint32(4, true);
    const padded = length + length % 2;
    rest -= 8 + padded;
    if (rest < 0) throw damaged("WebP");
    size = larger(size, dimensionsOf(type, await reader.peek(Math.min(length, 10))));
    yield* chunk(reader, { type, head, length: padded });
  }
  return size;
}

interface Chunk {
  readonly type: string;
  readonly head: Bytes;
  /** With the byte that makes it even. */
  readonly length: number;
}

async function* chunk(reader: ByteReader, { type, head, length }: Chunk): AsyncGenerator<Bytes> {
  if (type === "VP8X") {
    const payload = await reader.read(length);
    yield joined(head, Uint8Array.of((payload[0] ?? 0) & ~XMP_FLAG), payload.subarray(1));
  } else if (KEPT.has(type)) {
    yield head;
    yield* reader.take(length);
  } else if (type === "EXIF" && length >= ORIENTATION_BYTES && length <= EXIF_BYTES) {
    const tiff = orientationOnly(orientationIn(tiffIn(await reader.read(length))));
    yield joined(head, tiff, new Uint8Array(length - tiff.length));
  } else {
    yield joined(new TextEncoder().encode("JUNK"), head.subarray(4));
    for await (const piece of reader.take(length)) yield new Uint8Array(piece.length);
  }
}

/** Some programs write the head of the segment that Exif has in a JPEG. */
function tiffIn(exif: Bytes): Bytes {
  return latin1(exif.subarray(0, 6)) === "Exif\0\0" ? exif.subarray(6) : exif;
}

function dimensionsOf(type: string, start: Bytes): Dimensions {
  if (start.length < 10) return NO_SIZE;
  const view = viewOf(start);
  const uint24 = (offset: number) =>
    view.getUint16(offset, true) + (view.getUint8(offset + 2) << 16);
  switch (type) {
    case "VP8X":
      return { width: uint24(4) + 1, height: uint24(7) + 1 };
    case "VP8 ":
      return {
        width: view.getUint16(6, true) & 0x3fff,
        height: view.getUint16(8, true) & 0x3fff,
      };
    case "VP8L": {
      const bits = view.getUint32(1, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    default:
      return NO_SIZE;
  }
}
