/** What recorder.c records. `index` counts the operations of one process, from 0. */
export type Operation =
  & { readonly index: number }
  & (
    /** An existing file or folder was opened for the first time; or one was created. `file` is its inode. */
    | { readonly kind: "opened" | "created"; readonly file: bigint; readonly path: string }
    /** A folder was made. */
    | { readonly kind: "made" | "removed"; readonly path: string }
    | { readonly kind: "renamed" | "linked"; readonly from: string; readonly to: string }
    | {
      readonly kind: "written";
      readonly file: bigint;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
    | { readonly kind: "truncated"; readonly file: bigint; readonly size: number }
    /** All operations on the file with an index below `before` are durable. */
    | { readonly kind: "synced"; readonly file: bigint; readonly before: number }
    /** The file is changed through shared memory, which is not recorded. */
    | { readonly kind: "mapped"; readonly file: bigint }
  );

/** The bytes of the countdown, at the beginning of a recording. */
const COUNTDOWN_BYTES = 8;

/** In the order of their numbers in recorder.c, which begin with 1. */
const KINDS = [
  ...["opened", "created", "made", "written", "truncated", "synced", "removed", "renamed"],
  ...["mapped", "linked"],
];

const HEAD_BYTES = 24;

/** Empties the recording at `path`. The process is killed at its operation number `countdown`; with 0, it is not. */
export function startRecording(path: string, countdown: number): void {
  Deno.writeFileSync(path, new Uint8Array(new BigInt64Array([BigInt(countdown)]).buffer));
}

/** Changes the countdown of a running process. */
export function setCountdown(path: string, countdown: number): void {
  using file = Deno.openSync(path, { write: true });
  file.writeSync(new Uint8Array(new BigInt64Array([BigInt(countdown)]).buffer));
}

/** Reads the recording of a process that has ended. */
export function readRecording(path: string): readonly Operation[] {
  const all = Deno.readFileSync(path);
  const view = new DataView(all.buffer);
  const operations: Operation[] = [];
  for (let at = COUNTDOWN_BYTES, index = 0; at < all.length; index++) {
    const length = view.getUint32(at, true);
    const kind = KINDS[view.getUint32(at + 4, true) - 1];
    const file = view.getBigUint64(at + 8, true);
    const number = Number(view.getBigUint64(at + 16, true));
    const content = all.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    operations.push(operation({ index, kind, file, number, content }));
    at += HEAD_BYTES + length;
  }
  return operations;
}

function operation(
  { index, kind, file, number, content }: {
    readonly index: number;
    readonly kind: string | undefined;
    readonly file: bigint;
    readonly number: number;
    readonly content: Uint8Array;
  },
): Operation {
  const text = () => new TextDecoder().decode(content);
  switch (kind) {
    case "opened":
    case "created":
      return { index, kind, file, path: text() };
    case "made":
    case "removed":
      return { index, kind, path: text() };
    case "renamed":
    case "linked": {
      const [from = "", to = ""] = text().split("\0");
      return { index, kind, from, to };
    }
    case "written":
      return { index, kind, file, offset: number, bytes: content };
    case "truncated":
      return { index, kind, file, size: number };
    case "synced":
      return { index, kind, file, before: number };
    case "mapped":
      return { index, kind, file };
  }
  throw new Error(`Operation ${index} of the recording has an unknown kind`);
}
