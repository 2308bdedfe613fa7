import { join } from "node:path";
import { createPrivateFolder, hideFromOthers, syncFolder } from "../stores/private_files.ts";
import { StartError } from "../base/start_error.ts";
import { errorMessage } from "../base/error_message.ts";
import type { ByteRange } from "../core/model/files.ts";
import type { FileStorage, StoredBlob } from "../core/model/file_storage.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const CHUNK = 64 * 1024;

/** The names of files that are still being written end with this. */
const UNFINISHED = ".part";

/** What was not finished for this time in ms, never will be. */
const ABANDONED_MS = 86_400_000;

/**
 * Files in a folder that only its owner can use. A file is written under another name, and gets its own when it is on disk:
 * after a power failure it is there as a whole or not at all.
 */
export class FolderStorage implements FileStorage {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Creates the folder if there is none. Throws a `StartError`. */
  static open(path: string): FolderStorage {
    try {
      createPrivateFolder(join(path, "file"));
      hideFromOthers(path);
      // Nodes that share the folder may start at the same moment.
      const probe = join(path, `probe-${crypto.randomUUID()}${UNFINISHED}`);
      Deno.writeTextFileSync(probe, "");
      Deno.removeSync(probe);
      return new FolderStorage(path);
    } catch (error) {
      throw new StartError(cannotStoreFiles(path, error));
    }
  }

  async put(key: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const target = this.#pathOf(key);
    const unfinished = `${target}${UNFINISHED}`;
    try {
      {
        using file = await Deno.open(unfinished, { write: true, createNew: true, mode: 0o600 });
        for await (const chunk of chunks) await writeAll(file, chunk);
        await file.sync();
      }
      await Deno.rename(unfinished, target);
      syncFolder(this.path);
    } catch (error) {
      await removeFile(unfinished);
      throw error;
    }
  }

  async has(key: string): Promise<boolean> {
    return await statOf(this.#pathOf(key)) !== undefined;
  }

  read(key: string, { start, end }: ByteRange = { start: 0, end: Infinity }) {
    const path = this.#pathOf(key);
    let file: Deno.FsFile | undefined;
    let rest = end - start;
    // Opened when the first bytes are wanted: nobody may want any, as with HEAD.
    return new ReadableStream<Bytes>({
      async pull(controller) {
        if (file === undefined) {
          file = await Deno.open(path);
          await file.seek(start, Deno.SeekMode.Start);
        }
        const chunk = new Uint8Array(Math.min(CHUNK, rest));
        const count = chunk.length === 0 ? null : await file.read(chunk);
        if (count === null) {
          file.close();
          controller.close();
          return;
        }
        rest -= count;
        controller.enqueue(chunk.subarray(0, count));
      },
      cancel: () => file?.close(),
    }, { highWaterMark: 0 });
  }

  remove(key: string): Promise<void> {
    return removeFile(this.#pathOf(key));
  }

  async *list(): AsyncGenerator<StoredBlob> {
    for await (const { name, isFile } of Deno.readDir(this.path)) {
      const stat = isFile ? await statOf(join(this.path, name)) : undefined;
      if (stat === undefined) continue;
      const at = stat.mtime?.getTime() ?? 0;
      if (!name.endsWith(UNFINISHED)) yield { key: name, size: stat.size, at };
      else if (Date.now() - at > ABANDONED_MS) await removeFile(join(this.path, name));
    }
  }

  #pathOf(key: string): string {
    if (!/^[\w-]+$/.test(key)) throw new Error(`"${key}" is not a key of a file`);
    return join(this.path, key);
  }
}

/** Why a folder cannot be used. */
export function cannotStoreFiles(path: string, error: unknown): string {
  return `Cannot store files in "${path}": ${errorMessage(error)}. Set FILES to another folder`;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
