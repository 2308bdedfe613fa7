import { join, relative } from "node:path";

/** A source file: its path from the top of the project, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const TOP = join(import.meta.dirname ?? ".", "..", "..");

/** Every file of TypeScript in the project that somebody wrote. */
export async function sourceFiles(): Promise<SourceFile[]> {
  const files: SourceFile[] = [{
    path: "main.ts",
    text: await Deno.readTextFile(join(TOP, "main.ts")),
  }];
  for (const folder of ["server", "client", "tests", "links"]) {
    for await (const path of below(join(TOP, folder))) {
      files.push({ path: relative(TOP, path), text: await Deno.readTextFile(path) });
    }
  }
  return files;
}

async function* below(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* below(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}
