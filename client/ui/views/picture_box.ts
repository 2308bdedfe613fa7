import type { MessageFile } from "../../comet/halley.ts";

/** The largest size of a picture in a message in pixels; the style sheet says the same of cards. */
const BOX = { width: 320, height: 240 } as const;

/** The style of the space of a file, before it is loaded. Pictures are made smaller; without dimensions it is a card. */
export function boxOf({ width, height }: MessageFile) {
  if (!width || !height) return {};
  const scale = Math.min(1, BOX.width / width, BOX.height / height);
  return { width: `${Math.max(48, width * scale)}px`, aspectRatio: `${width} / ${height}` };
}
