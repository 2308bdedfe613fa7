import { join } from "node:path";

/** The paths of all files below a folder. */
export function walkSync(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? walkSync(join(folder, name)) : [join(folder, name)]
  );
}
