/** Whether a file has content that can be read: a folder that was dropped has none, and the server takes no empty file. */
export async function isReadable(file: Blob): Promise<boolean> {
  try {
    return (await file.slice(0, 1).arrayBuffer()).byteLength > 0;
  } catch {
    return false;
  }
}
