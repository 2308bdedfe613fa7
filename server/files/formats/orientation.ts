import { type Bytes, type Dimensions, latin1, viewOf } from "./format.ts";

/** The tag of the orientation in Exif, and its type. */
const ORIENTATION = 0x0112;
const SHORT = 3;

/** Number of entries of a directory that are looked at. */
const MAX_ENTRIES = 200;

/** The size of {@linkcode orientationOnly}. */
export const ORIENTATION_BYTES = 26;

/** The orientation, 1 to 8, in the TIFF structure of Exif; 1 (upright) if there is none. */
export function orientationIn(tiff: Bytes): number {
  const view = viewOf(tiff);
  const order = latin1(tiff.subarray(0, 2));
  if (tiff.length < 14 || order !== "II" && order !== "MM") return 1;
  const isLittle = order === "II";
  const first = view.getUint32(4, isLittle);
  if (first + 2 > tiff.length) return 1;
  const count = Math.min(view.getUint16(first, isLittle), MAX_ENTRIES);
  for (let n = 0; n < count; n++) {
    const entry = first + 2 + n * 12;
    if (entry + 12 > tiff.length) return 1;
    const isOrientation = view.getUint16(entry, isLittle) === ORIENTATION &&
      view.getUint16(entry + 2, isLittle) === SHORT;
    if (!isOrientation) continue;
    const value = view.getUint16(entry + 8, isLittle);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** The dimensions of a picture as it is shown: from the fifth orientation on, it lies on its side. */
export function uprightSize({ width, height }: Dimensions, orientation: number): Dimensions {
  return orientation < 5 ? { width, height } : { width: height, height: width };
}

/** A TIFF structure that only has an orientation. */
export function orientationOnly(orientation: number): Bytes {
  const tiff = new Uint8Array(ORIENTATION_BYTES);
  const view = new DataView(tiff.buffer);
  tiff.set([0x4d, 0x4d, 0, 42]);
  view.setUint32(4, 8);
  view.setUint16(8, 1);
  view.setUint16(10, ORIENTATION);
  view.setUint16(12, SHORT);
  view.setUint32(14, 1);
  view.setUint16(18, orientation);
  return tiff;
}
