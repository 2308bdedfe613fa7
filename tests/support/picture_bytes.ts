import { deflateSync } from "node:zlib";
import { crc32 } from "node:zlib";

/** Bytes as a text of the same number of characters, and back. */
export const latin1 = (bytes: Uint8Array) => String.fromCharCode(...bytes);
export const bytes = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0));

const uint16 = (value: number) => String.fromCharCode(value >> 8, value & 0xff);
const uint16le = (value: number) => String.fromCharCode(value & 0xff, value >> 8);
const uint32 = (value: number) => uint16(value >>> 16) + uint16(value & 0xffff);
const uint32le = (value: number) => uint16le(value & 0xffff) + uint16le(value >>> 16);

/** The TIFF structure of Exif with an orientation and a place. */
export function exif(orientation: number): string {
  return `II*\0${uint32le(8)}${uint16le(2)}` +
    `${uint16le(0x112)}${uint16le(3)}${uint32le(1)}${uint16le(orientation)}\0\0` +
    `${uint16le(0x8825)}${uint16le(4)}${uint32le(1)}${uint32le(99)}${uint32le(0)}SECRET PLACE`;
}

const segment = (marker: string, payload: string) =>
  `\xff${marker}${uint16(payload.length + 2)}${payload}`;

export interface JpegOptions {
  readonly width?: number;
  readonly height?: number;
  readonly orientation?: number;
  /** What follows its end. */
  readonly tail?: string;
}

/** The structure of a progressive JPEG with everything that programs put into one. Its pixels are not real. */
export function jpeg(
  { width = 40, height = 30, orientation = 1, tail = "" }: JpegOptions = {},
): Uint8Array {
  return bytes([
    "\xff\xd8",
    segment("\xe0", `JFIF\0\x01\x02\0\0\x48\0\x48\x01\x01abc`),
    segment("\xe1", `Exif\0\0${exif(orientation)}`),
    segment("\xe1", "http://ns.adobe.com/xap/1.0/\0SECRET XMP"),
    segment("\xe2", "ICC_PROFILE\0\x01\x01colours"),
    segment("\xe2", "MPF\0SECRET"),
    segment("\xed", "Photoshop 3.0\0SECRET IPTC"),
    segment("\xfe", "SECRET comment"),
    segment("\xdb", `\0${"q".repeat(64)}`),
    segment("\xc2", `\x08${uint16(height)}${uint16(width)}\x01\x01\x11\0`),
    segment("\xda", "\x01\x01\0\0\0\0"),
    "scan\xff\0one\xff\xd0more",
    segment("\xfe", "SECRET between scans"),
    segment("\xda", "\x01\x01\0\0\0\0"),
    "scan two\xff\xd9",
    tail,
  ].join(""));
}

const chunk = (type: string, payload: string) =>
  uint32(payload.length) + type + payload + uint32(crc32(bytes(type + payload)));

export interface PngOptions {
  readonly width?: number;
  readonly height?: number;
  readonly orientation?: number;
  readonly tail?: string;
}

/** A real PNG in one grey, with texts in it. */
export function png(
  { width = 40, height = 30, orientation = 1, tail = "" }: PngOptions = {},
): Uint8Array {
  const isReal = width * height < 10_000_000;
  const pixels = isReal ? deflateSync(new Uint8Array((width + 1) * height)) : new Uint8Array();
  return bytes([
    "\x89PNG\r\n\x1a\n",
    chunk("IHDR", `${uint32(width)}${uint32(height)}\x08\0\0\0\0`),
    chunk("tEXt", "Comment\0SECRET"),
    chunk("eXIf", exif(orientation)),
    chunk("gAMA", uint32(45_455)),
    chunk("IDAT", latin1(pixels)),
    chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0SECRET"),
    chunk("tIME", "SECRET!"),
    chunk("IEND", ""),
    tail,
  ].join(""));
}

/** A GIF with a comment, XMP and a loop. Its pixels are not real. */
export function gif({ width = 40, height = 30 } = {}): Uint8Array {
  const block = (text: string) => `${String.fromCharCode(text.length)}${text}`;
  return bytes([
    `GIF89a${uint16le(width)}${uint16le(height)}\x80\0\0abcdef`,
    `!\xff${block("NETSCAPE2.0")}${block("\x01\0\0")}\0`,
    `!\xff${block("XMP DataXMP")}${block("SECRET")}\0`,
    `!\xfe${block("SECRET comment")}\0`,
    `!\xf9${block("\0\0\0\0")}\0`,
    `,\0\0\0\0${uint16le(width)}${uint16le(height)}\0\x02${block("LZW")}\0`,
    ";tail SECRET",
  ].join(""));
}

/** A WebP with Exif and XMP. Its pixels are not real. */
export function webp({ width = 40, height = 30, orientation = 1 } = {}): Uint8Array {
  const part = (type: string, payload: string) =>
    `${type}${uint32le(payload.length)}${payload}${payload.length % 2 === 1 ? "\0" : ""}`;
  const size = (value: number) => `${uint16le(value - 1)}\0`;
  const body = `WEBP${part("VP8X", `\x0c\0\0\0${size(width)}${size(height)}`)}` +
    part("VP8 ", `abc\x9d\x01\x2a${uint16le(width)}${uint16le(height)}pixels`) +
    part("EXIF", exif(orientation)) + part("XMP ", "SECRET!");
  return bytes(`RIFF${uint32le(body.length)}${body}tail SECRET`);
}
