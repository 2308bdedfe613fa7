/** Maximum width and height of a thumbnail: twice the size in which it is shown, for sharp screens. */
const SIDE = 640;

/** A picture of at most this size needs no thumbnail. */
const SMALL_BYTES = 100_000;

/** The server takes no larger ones. */
const MAX_BYTES = 200_000;

const QUALITIES = [0.82, 0.6, 0.4] as const;

/** A small picture of a file; undefined if it is no picture that this browser can show, or small itself. */
export async function makeThumbnail(file: Blob): Promise<Blob | undefined> {
  if (!file.type.startsWith("image/") || file.size <= SMALL_BYTES) return undefined;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const context = canvas.getContext("2d");
    if (!context) return undefined;
    // What is transparent would be black in a JPEG.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    for (const quality of QUALITIES) {
      const blob = await new Promise<Blob | null>((resolve) =>
        canvas.toBlob(resolve, "image/jpeg", quality)
      );
      if (blob && blob.size <= MAX_BYTES) return blob;
    }
  } catch {
    // The browser cannot decode it.
  }
  return undefined;
}
