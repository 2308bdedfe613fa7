import { Refused } from "../../core/model/refused.ts";
import type { ByteReader } from "../byte_reader.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** The size of a picture in pixels. */
export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** A format of pictures that pages show. */
export interface PictureFormat {
  readonly name: string;
  readonly type: string;
  /** Whether a file that begins with these bytes has this format. */
  matches(head: Bytes): boolean;
  /**
   * Yields the picture without what is not part of it: places, cameras, comments, and whatever follows its end. Its
   * orientation stays. A picture that is cut off is not refused: browsers show the part that is there. Returns the dimensions
   * of the largest frame. Refuses what has not the structure of the format with `invalid_file`.
   */
  clean(reader: ByteReader): AsyncGenerator<Bytes, Dimensions>;
}

/** The refusal of a file that does not have the format with which it begins. */
export function damaged(format: string): Refused {
  return new Refused("invalid_file", `The file begins as a ${format} picture, but is damaged`);
}

/** Bytes as a text of the same number of characters. */
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The dimensions of a picture with several frames. */
export function larger(one: Dimensions, other: Dimensions): Dimensions {
  return {
    width: Math.max(one.width, other.width),
    height: Math.max(one.height, other.height),
  };
}

export const NO_SIZE: Dimensions = { width: 0, height: 0 };
