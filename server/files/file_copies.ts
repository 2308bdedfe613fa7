import { join } from "node:path";
import { createPrivateFolder, exists, syncFolder } from "../stores/private_files.ts";

/** The folder beside a backup of a database that has the files of its messages. */
export function folderOfBackup(file: string): string {
  return `${file}.files`;
}

/**
 * Copies all files of a folder to another one, unless they are there. They never change, so where the file system has links,
 * nothing is copied. They are on disk when this returns.
 */
export function copyFiles(from: string, to: string): void {
  createPrivateFolder(join(to, "file"));
  for (const { name, isFile } of Deno.readDirSync(from)) {
    if (isFile && !name.includes(".")) copyFile(join(from, name), join(to, name));
  }
  syncFolder(to);
}

/** Keeps the files of a folder also in `<folder>.replaced`, in place of what that had. */
export function keepFiles(folder: string): void {
  const kept = `${folder}.replaced`;
  if (exists(kept)) Deno.removeSync(kept, { recursive: true });
  if (exists(folder)) copyFiles(folder, kept);
}

function copyFile(from: string, to: string): void {
  if (exists(to)) return;
  try {
    return Deno.linkSync(from, to);
  } catch (error) {
    // It was removed with its message.
    if (error instanceof Deno.errors.NotFound) return;
    // Another file system, or one without links.
  }
  const unfinished = `${to}.part`;
  Deno.copyFileSync(from, unfinished);
  {
    using file = Deno.openSync(unfinished, { write: true });
    file.syncSync();
  }
  Deno.renameSync(unfinished, to);
}
