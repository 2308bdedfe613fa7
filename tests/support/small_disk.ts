import { TestFolder } from "./test_folder.ts";

/** A small tmpfs that a test can fill up. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #folder: TestFolder;

  private constructor(folder: TestFolder) {
    this.#folder = folder;
    this.path = folder.path;
  }

  /** Returns `undefined` if this user cannot mount one. */
  static mount(kibibytes: number): SmallDisk | undefined {
    const folder = TestFolder.make();
    if (runs("mount", "-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", folder.path)) {
      return new SmallDisk(folder);
    }
    folder[Symbol.dispose]();
    return undefined;
  }

  [Symbol.dispose](): void {
    // Lazily, because a process that was just killed can still have an open file.
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
