import { crc32 } from "node:zlib";
import { type ByteReader, joined } from "../byte_reader.ts";
import {
  type Bytes,
  damaged,
  type Dimensions,
  latin1,
  type PictureFormat,
  viewOf,
} from "./format.ts";
import { orientationIn, orientationOnly, uprightSize } from "./orientation.ts";

const SIGNATURE = "\x89PNG\r\n\x1a\n";

/** The chunks that stay: those that a picture is decoded with, its animation and its colours. */
const KEPT = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "acTL", "fcTL", "fdAT", "gAMA", "cHRM", "sRGB"],
  ...["iCCP", "cICP", "sBIT", "bKGD", "pHYs"],
]);

/** Maximum size of an Exif chunk that is searched for the orientation. */
const EXIF_BYTES = 2 ** 16;

/** PNG, with or without animation: https://www.w3.org/TR/png-3/. */
export const PNG: PictureFormat = {
  name: "PNG",
  type: "image/png",
  matches: (head) => latin1(head.subarray(0, 8)) === SIGNATURE,
  clean,
};

async function* clean(reader: ByteReader): AsyncGenerator<Bytes, Dimensions> {
  yield await reader.read(8);
  const header = await reader.read(25);
  if (latin1(header.subarray(0, 8)) !== "\0\0\0\rIHDR" || header.length < 25) throw damaged("PNG");
  const view = viewOf(header);
  let size: Dimensions = { width: view.getUint32(8), height: view.getUint32(12) };
  yield header;
  for (;;) {
    const head = await reader.read(8);
    if (head.length < 8) return size;
    const length = viewOf(head).getUint32(0);
    const type = latin1(head.subarray(4));
    if (!/^[A-Za-z]{4}$/.test(type) || length > 0x7fffffff || type === "IHDR") throw damaged("PNG");
    if (KEPT.has(type)) {
      yield head;
      // With its checksum.
      yield* reader.take(length + 4);
    } else if (type === "eXIf" && length <= EXIF_BYTES) {
      const exif = await reader.read(length + 4);
      const orientation = orientationIn(exif.subarray(0, length));
      size = uprightSize(size, orientation);
      if (orientation !== 1) yield chunk("eXIf", orientationOnly(orientation));
    } else await reader.skip(length + 4);
    if (type === "IEND") return size;
  }
}

function chunk(type: string, payload: Bytes): Bytes {
  const body = joined(new TextEncoder().encode(type), payload);
  const [length, checksum] = [new Uint8Array(4), new Uint8Array(4)];
  viewOf(length).setUint32(0, payload.length);
  viewOf(checksum).setUint32(0, crc32(body));
  return joined(length, body, checksum);
}
