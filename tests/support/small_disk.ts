import { TestFolder } from "./test_folder.ts";

/** A disk in memory of a test's own, so small that it is soon full. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #folder: TestFolder;

  private constructor(folder: TestFolder) {
    this.#folder = folder;
    this.path = folder.path;
  }

  /** `undefined` where this user or this machine cannot mount one. */
  static mount(kibibytes: number): SmallDisk | undefined {
    const folder = TestFolder.make();
    if (runs("mount", "-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", folder.path)) {
      return new SmallDisk(folder);
    }
    folder[Symbol.dispose]();
    return undefined;
  }

  [Symbol.dispose](): void {
    // Lazily, for a process that has just been killed may still hold a file there.
    runs("umount", "-l", this.path);
    this.#folder[Symbol.dispose]();
  }
}

function runs(command: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(command, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
