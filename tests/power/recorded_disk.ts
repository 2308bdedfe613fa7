import { Buffer } from "node:buffer";
import { dirname, join } from "node:path";
import { FileContent } from "./file_content.ts";
import type { Loss } from "./loss.ts";
import type { Operation } from "./recording.ts";

type Change = Extract<Operation, { kind: "written" | "truncated" }>;

/** A change of a folder: `change` makes it in a list of the folder's files by path. */
interface FolderChange {
  readonly index: number;
  readonly folder: string;
  readonly change: (files: Map<string, FileNode>) => void;
}

interface FileNode {
  readonly isFolder: boolean;
  /** Not recorded: SQLite's shared memory. */
  isMapped: boolean;
  readonly durable: FileContent;
  /** What was done since, and may be lost. */
  pending: Change[];
}

/**
 * The files below a folder, as a process left them and as a power cut leaves them. Only fsync makes changes durable: that
 * of a file its content, that of a folder the names in it.
 */
export class RecordedDisk {
  readonly #root: string;
  /** The files that the process sees, and those whose names are durable, by path. */
  readonly #current: Map<string, FileNode>;
  readonly #durable: Map<string, FileNode>;
  readonly #byInode = new Map<bigint, { node: FileNode; path: string }>();
  #folderChanges: FolderChange[] = [];

  /** Reads the files before the process starts: all of them are durable. */
  static read(root: string): RecordedDisk {
    const files = new Map([...filesOf(root)].map(([path, bytes]) => [path, newNode(bytes)]));
    return new RecordedDisk(root, files);
  }

  private constructor(root: string, files: Map<string, FileNode>) {
    this.#root = root;
    this.#current = files;
    this.#durable = new Map(files);
  }

  /** Does what the process did. */
  replay(operations: readonly Operation[]): void {
    for (const operation of operations) this.#replay(operation);
  }

  /**
   * Throws unless the files are what the process left, so that nothing has changed them past the recorder. The last
   * operation of a process that was killed may not have been done.
   */
  verify(last: Operation | undefined): void {
    const found = new Map(filesOf(this.#root));
    const lastPaths = last === undefined ? [] : pathsOf(last, this.#byInode);
    for (const path of new Set([...found.keys(), ...this.#current.keys()])) {
      const node = this.#current.get(path);
      if (node?.isMapped || lastPaths.includes(path)) continue;
      const expected = node && (node.isFolder ? undefined : contentOf(node, () => true));
      const isSame = found.has(path) === (node !== undefined) && isEqual(found.get(path), expected);
      if (isSame) continue;
      throw new Error(`${path} was changed past the recorder`);
    }
  }

  /** Replaces the files with what remains after a power cut. */
  lose(loss: Loss): void {
    const files = new Map(this.#durable);
    for (const { index, change } of this.#folderChanges) if (loss.keepsName(index)) change(files);
    for (const { name } of Deno.readDirSync(this.#root)) {
      Deno.removeSync(join(this.#root, name), { recursive: true });
    }
    // Folders come before their files. A file whose folder is lost is lost, too.
    for (const [path, node] of [...files].sort(([one], [other]) => one < other ? -1 : 1)) {
      if (dirname(path) !== this.#root && files.get(dirname(path)) === undefined) continue;
      if (node.isFolder) Deno.mkdirSync(path);
      else if (!node.isMapped) Deno.writeFileSync(path, contentOf(node, (one) => loss.part(one)));
      else Deno.writeFileSync(path, loss.garbage());
    }
  }

  #replay(operation: Operation): void {
    const { index, kind } = operation;
    switch (kind) {
      case "opened": {
        // Only the folder itself is not in its list.
        const node = this.#current.get(operation.path) ?? newNode(undefined);
        this.#byInode.set(operation.file, { node, path: operation.path });
        return;
      }
      case "created": {
        const node = newNode(new Uint8Array());
        this.#byInode.set(operation.file, { node, path: operation.path });
        return this.#change(operation.path, index, (files) => files.set(operation.path, node));
      }
      case "made": {
        const node = newNode(undefined);
        return this.#change(operation.path, index, (files) => files.set(operation.path, node));
      }
      case "removed":
        return this.#change(operation.path, index, (files) => files.delete(operation.path));
      case "renamed":
      case "linked": {
        const { from, to } = operation;
        const node = this.#current.get(from);
        if (node === undefined) throw new Error(`${from} has a new name, but does not exist`);
        if (kind === "linked") return this.#change(to, index, (files) => files.set(to, node));
        return this.#change(from, index, (files) => files.delete(from) && files.set(to, node));
      }
    }
    const { node, path } = this.#byInode.get(operation.file) ?? {};
    if (node === undefined) throw new Error(`Operation ${index} is on a file that nobody opened`);
    switch (operation.kind) {
      case "written":
      case "truncated":
        node.pending.push(operation);
        break;
      case "mapped":
        if (!path?.endsWith("-shm")) throw new Error(`${path} is mapped, which is not recorded`);
        node.isMapped = true;
        break;
      case "synced":
        if (node.isFolder) this.#syncFolder(path, operation.before);
        else syncFile(node, operation.before);
    }
  }

  #change(path: string, index: number, change: FolderChange["change"]): void {
    change(this.#current);
    this.#folderChanges.push({ index, folder: dirname(path), change });
  }

  #syncFolder(path: string | undefined, before: number): void {
    const isSynced = ({ index, folder }: FolderChange) => folder === path && index < before;
    for (const one of this.#folderChanges) if (isSynced(one)) one.change(this.#durable);
    this.#folderChanges = this.#folderChanges.filter((one) => !isSynced(one));
  }
}

/** A file, or without bytes a folder. */
function newNode(bytes: Uint8Array | undefined): FileNode {
  return {
    isFolder: bytes === undefined,
    isMapped: false,
    durable: new FileContent(bytes),
    pending: [],
  };
}

function syncFile(node: FileNode, before: number): void {
  for (const change of node.pending) if (change.index < before) apply(node.durable, [change]);
  node.pending = node.pending.filter(({ index }) => index >= before);
}

/** The content of a file of which only these parts of its pending changes were done. */
function contentOf(
  { durable, pending }: FileNode,
  partOf: (change: Change) => boolean | readonly Change[],
): Uint8Array {
  const content = durable.copy();
  for (const change of pending) {
    const part = partOf(change);
    if (part !== false) apply(content, part === true ? [change] : part);
  }
  return content.bytes;
}

function apply(content: FileContent, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.kind === "written") content.write(change.offset, change.bytes);
    else content.resize(change.size);
  }
}

function pathsOf(operation: Operation, byInode: Map<bigint, { path: string }>): readonly string[] {
  if ("path" in operation) return [operation.path];
  if ("from" in operation) return [operation.from, operation.to];
  return [byInode.get(operation.file)?.path ?? ""];
}

/** All files and folders below a folder, by path; a folder has no bytes. */
function* filesOf(folder: string): Generator<readonly [string, Uint8Array | undefined]> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    yield [path, isDirectory ? undefined : Deno.readFileSync(path)];
    if (isDirectory) yield* filesOf(path);
  }
}

function isEqual(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : Buffer.from(one).equals(other);
}
