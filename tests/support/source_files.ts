import { join, relative } from "node:path";

/** A source file: its path relative to the root of the project, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** All TypeScript files of the project. */
export async function sourceFiles(): Promise<SourceFile[]> {
  const files: SourceFile[] = [{
    path: "main.ts",
    text: await Deno.readTextFile(join(ROOT, "main.ts")),
  }];
  for (const folder of ["server", "client", "tests", "links"]) {
    for await (const path of below(join(ROOT, folder))) {
      files.push({ path: relative(ROOT, path), text: await Deno.readTextFile(path) });
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
