import { dirname, join } from "node:path";
import { TestFolder } from "./test_folder.ts";

/** Makes a folder with these files in it: texts by their paths. */
export async function folderWith(files: Record<string, string>): Promise<TestFolder> {
  const folder = TestFolder.make();
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder.path, path);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
  return folder;
}
