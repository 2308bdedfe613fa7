import { dirname } from "node:path";

/** Creates the missing folders above a file. Only their owner can use them. */
export function createPrivateFolder(path: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
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
