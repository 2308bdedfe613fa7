/** What no font has. */
const MISSING = "\u{10FFFD}";

/** The size in px in which emoji are drawn. */
const SIZE = 24;

/** Whether the fonts of this system have an emoji: as one picture, and not as the sign for what they lack. */
export function isDrawn(emoji: string): boolean {
  const missing = pictureOf(MISSING);
  const drawn = pictureOf(emoji);
  return drawn !== undefined && drawn.width <= 1.5 * (pictureOf("😀")?.width ?? 0) &&
    drawn.pixels !== missing?.pixels;
}

function pictureOf(text: string) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  context.font = `${SIZE / 2}px sans-serif`;
  context.fillText(text, 0, SIZE / 2);
  return { width: context.measureText(text).width, pixels: canvas.toDataURL() };
}
