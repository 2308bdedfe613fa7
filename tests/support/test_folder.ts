import { dirname, join } from "node:path";

/** A temporary folder. It is removed, with everything in it, when disposed. */
export class TestFolder implements Disposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static make(): TestFolder {
    return new TestFolder(Deno.makeTempDirSync({ prefix: "halley-test-" }));
  }

  /** Makes a folder with these files in it: their texts by path. */
  static async with(files: Readonly<Record<string, string>>): Promise<TestFolder> {
    const folder = TestFolder.make();
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder.path, path);
      await Deno.mkdir(dirname(file), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
    return folder;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
