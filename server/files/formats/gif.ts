import type { ByteReader } from "../byte_reader.ts";
import {
  type Bytes,
  damaged,
  type Dimensions,
  larger,
  latin1,
  type PictureFormat,
  viewOf,
} from "./format.ts";

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const TRAILER = 0x3b;

const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;

/** The applications whose extensions say how often an animation is repeated. */
const LOOPS = ["NETSCAPE2.0", "ANIMEXTS1.0"];

/** GIF87a and GIF89a: https://www.w3.org/Graphics/GIF/spec-gif89a.txt. */
export const GIF: PictureFormat = {
  name: "GIF",
  type: "image/gif",
  matches: (head) => /^GIF8[79]a/.test(latin1(head.subarray(0, 6))),
  clean,
};

async function* clean(reader: ByteReader): AsyncGenerator<Bytes, Dimensions> {
  const screen = await reader.read(13);
  if (screen.length < 13) throw damaged("GIF");
  let size = { width: uint16(screen, 6), height: uint16(screen, 8) };
  yield screen;
  yield* reader.take(colours(screen[10]));
  for (;;) {
    const [introducer] = await reader.peek(1);
    if (introducer === TRAILER) yield await reader.read(1);
    if (introducer === undefined || introducer === TRAILER) return size;
    if (introducer === IMAGE) {
      const image = await reader.read(10);
      if (image.length < 10) return size;
      size = larger(size, {
        width: uint16(image, 1) + uint16(image, 5),
        height: uint16(image, 3) + uint16(image, 7),
      });
      yield image;
      // The colours of the image, and the size of the first code.
      yield* reader.take(colours(image[9]) + 1);
      yield* blocks(reader);
    } else if (introducer === EXTENSION) yield* extension(reader);
    else throw damaged("GIF");
  }
}

/** Yields an extension if the picture is decoded with it. */
async function* extension(reader: ByteReader): AsyncGenerator<Bytes> {
  const [, label] = await reader.peek(2);
  const isKept = label === GRAPHIC_CONTROL || label === APPLICATION && await isLoop(reader);
  const head = await reader.read(2);
  if (isKept) yield head;
  for await (const block of blocks(reader)) if (isKept) yield block;
}

async function isLoop(reader: ByteReader): Promise<boolean> {
  const head = await reader.peek(14);
  return LOOPS.includes(latin1(head.subarray(3)));
}

/** Yields blocks with their lengths, up to and with the empty one that ends them. */
async function* blocks(reader: ByteReader): AsyncGenerator<Bytes> {
  for (;;) {
    const [length] = await reader.peek(1);
    if (length === undefined) return;
    yield await reader.read(length + 1);
    if (length === 0) return;
  }
}

/** The size of the table of colours that these flags announce, in bytes. */
function colours(flags = 0): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function uint16(bytes: Bytes, offset: number): number {
  return viewOf(bytes).getUint16(offset, true);
}
