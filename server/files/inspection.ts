import type { ByteReader } from "./byte_reader.ts";
import { type Bytes, damaged, type Dimensions, latin1 } from "./formats/format.ts";
import { GIF } from "./formats/gif.ts";
import { JPEG } from "./formats/jpeg.ts";
import { PNG } from "./formats/png.ts";
import { WEBP } from "./formats/webp.ts";

const PICTURES = [JPEG, PNG, GIF, WEBP];

/** Pictures beyond these bounds are downloads: decoding them would take a browser hundreds of megabytes. */
const MAX_PIXELS = 50_000_000;
const MAX_SIDE = 16_384;

export const DOWNLOAD_TYPE = "application/octet-stream";

/** What was found in the content of a file. */
export interface Inspection extends Partial<Dimensions> {
  readonly type: string;
  /** The number of bytes that were yielded. */
  readonly size: number;
}

/**
 * Yields the content of a file as it is to be stored, and returns what it is: a picture that pages can show, without what does
 * not belong to the picture, or a download. Only the content decides: neither a name nor a declared type does.
 */
export async function* inspect(reader: ByteReader): AsyncGenerator<Bytes, Inspection> {
  const head = await reader.peek(16);
  const format = PICTURES.find((picture) => picture.matches(head));
  if (format === undefined) {
    const type = latin1(head.subarray(0, 5)) === "%PDF-" ? "application/pdf" : DOWNLOAD_TYPE;
    return { type, size: (yield* counted(reader.take())).size };
  }
  const { size, returned } = yield* counted(format.clean(reader));
  // Nothing of it can be shown, and what is stored is not the file that was sent.
  if (returned.width === 0 && returned.height === 0) throw damaged(format.name);
  const isShown = isShowable(returned);
  return isShown ? { type: format.type, size, ...returned } : { type: DOWNLOAD_TYPE, size };
}

/** Yields what `chunks` yields, and returns the number of bytes with what it returns. */
async function* counted<T>(
  chunks: AsyncGenerator<Bytes, T>,
): AsyncGenerator<Bytes, { readonly size: number; readonly returned: T }> {
  let size = 0;
  for (;;) {
    const { done, value } = await chunks.next();
    if (done) return { size, returned: value };
    size += value.length;
    yield value;
  }
}

function isShowable({ width, height }: Dimensions): boolean {
  const isInBounds = width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS;
  return width > 0 && height > 0 && isInBounds;
}
