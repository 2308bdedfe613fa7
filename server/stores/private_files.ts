import { dirname, resolve } from "node:path";

/** Creates the missing folders above a file. Only their owner can use them. They survive a power failure. */
export function createPrivateFolder(path: string): void {
  const folder = dirname(path);
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Also where they exist: the process that created them may have been killed before it got here.
  for (let above = resolve(folder); above !== dirname(above); above = dirname(above)) {
    syncFolder(dirname(above));
  }
}

/** Makes the names in a folder durable: without this, a power failure can lose a file whose content was synced. */
export function syncFolder(path: string): void {
  try {
    using folder = Deno.openSync(path);
    folder.syncSync();
  } catch {
    // Windows cannot open a folder, and a folder that this process may not read is not one that it has created.
  }
}

/** Creates a file, unless it exists, that only its owner can use. Others lose their access to an existing one. */
export function createPrivateFile(path: string): void {
  Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  hideFromOthers(path);
}

/** Removes the permissions of others, but not of the group, which an operator may have granted on purpose. */
export function hideFromOthers(path: string): void {
  try {
    const { mode } = Deno.statSync(path);
    if (mode !== null && (mode & 0o007) !== 0) Deno.chmodSync(path, mode & 0o770);
  } catch (error) {
    // The file does not exist, belongs to another user, or is on a file system without permissions.
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof Deno.errors.PermissionDenied) return;
    if (error instanceof Deno.errors.NotSupported) return;
    throw error;
  }
}

/** Whether there is something at a path; also a link that leads nowhere. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
