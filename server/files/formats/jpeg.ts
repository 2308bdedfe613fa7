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
import { orientationIn, orientationOnly, uprightSize } from "./orientation.ts";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const COM = 0xfe;

const EXIF = "Exif\0\0";

/** JPEG: ITU T.81. Its segments before and between the scans have a length, the scans themselves do not. */
export const JPEG: PictureFormat = {
  name: "JPEG",
  type: "image/jpeg",
  matches: ([first, second, third]) => first === 0xff && second === SOI && third === 0xff,
  clean,
};

async function* clean(reader: ByteReader): AsyncGenerator<Bytes, Dimensions> {
  yield await reader.read(2);
  let size = NO_SIZE;
  let orientation = 1;
  for (;;) {
    const marker = await nextMarker(reader);
    if (marker === EOI) yield Uint8Array.of(0xff, EOI);
    if (marker === undefined || marker === EOI) return uprightSize(size, orientation);
    if (isAlone(marker)) {
      yield Uint8Array.of(0xff, marker);
      continue;
    }
    const payload = await readSegment(reader);
    if (payload === undefined) return uprightSize(size, orientation);
    if (isFrame(marker) && payload.length >= 5) {
      const view = viewOf(payload);
      size = larger(size, { height: view.getUint16(1), width: view.getUint16(3) });
    }
    if (isExif(marker, payload)) orientation = orientationIn(payload.subarray(EXIF.length));
    const kept = keptPart(marker, payload);
    if (kept !== undefined) yield segment(marker, kept);
    if (marker === SOS) yield* scan(reader);
  }
}

/** The second byte of the next marker; `undefined` at the end of the file. Refuses anything else. */
async function nextMarker(reader: ByteReader): Promise<number | undefined> {
  const [first] = await reader.read(1);
  if (first === undefined) return undefined;
  if (first !== 0xff) throw damaged("JPEG");
  for (;;) {
    const [code] = await reader.read(1);
    // Any number of 0xff may stand before the code.
    if (code !== 0xff) return code;
  }
}

async function readSegment(reader: ByteReader): Promise<Bytes | undefined> {
  const head = await reader.read(2);
  if (head.length < 2) return undefined;
  const length = viewOf(head).getUint16(0) - 2;
  if (length < 0) throw damaged("JPEG");
  const payload = await reader.read(length);
  return payload.length < length ? undefined : payload;
}

function segment(marker: number, payload: Bytes): Bytes {
  const length = payload.length + 2;
  return joined(Uint8Array.of(0xff, marker, length >> 8, length & 0xff), payload);
}

/** What stays of a segment: what the picture is decoded with, its colours, and its orientation. */
function keptPart(marker: number, payload: Bytes): Bytes | undefined {
  const isApplication = marker >= 0xe0 && marker <= 0xef;
  if (marker === COM) return undefined;
  if (!isApplication) return payload;
  const name = latin1(payload.subarray(0, 12));
  if (marker === 0xe0 && name.startsWith("JFIF\0")) return withoutThumbnail(payload);
  if (isExif(marker, payload)) {
    const orientation = orientationIn(payload.subarray(EXIF.length));
    if (orientation === 1) return undefined;
    return joined(payload.subarray(0, EXIF.length), orientationOnly(orientation));
  }
  const isNeeded = marker === 0xe2 && name === "ICC_PROFILE\0" ||
    marker === 0xee && name.startsWith("Adobe");
  return isNeeded ? payload : undefined;
}

function isExif(marker: number, payload: Bytes): boolean {
  return marker === 0xe1 && latin1(payload.subarray(0, EXIF.length)) === EXIF;
}

function withoutThumbnail(jfif: Bytes): Bytes | undefined {
  if (jfif.length < 14) return undefined;
  return joined(jfif.subarray(0, 12), Uint8Array.of(0, 0));
}

/** Yields a scan up to the marker that follows it. */
async function* scan(reader: ByteReader): AsyncGenerator<Bytes> {
  for (;;) {
    const chunk = await reader.available(2);
    if (chunk.length === 0) return;
    const end = endOfScan(chunk);
    const isMarker = end < chunk.length - 1;
    // A 0xff at the end of the chunk may begin a marker; at the end of the file it does not.
    const count = isMarker || chunk.length > 1 ? end : chunk.length;
    if (count > 0) yield await reader.read(count);
    if (isMarker) return;
  }
}

/** Where the first marker in a part of a scan is, or a last 0xff that may begin one; otherwise its length. */
function endOfScan(chunk: Bytes): number {
  for (let at = chunk.indexOf(0xff); at !== -1; at = chunk.indexOf(0xff, at)) {
    const next = chunk[at + 1];
    if (next === undefined) return at;
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at;
    at += next === 0xff ? 1 : 2;
  }
  return chunk.length;
}

function isRestart(code: number): boolean {
  return code >= 0xd0 && code <= 0xd7;
}

function isAlone(code: number): boolean {
  return isRestart(code) || code === 1;
}

/** Whether a segment has the dimensions of a frame: SOF0 to SOF15, but not DHT, JPG and DAC, which are among them. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}
