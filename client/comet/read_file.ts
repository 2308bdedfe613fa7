import type { Guard } from "../../server/protocol/guards.ts";
import type { MessageFile } from "../../server/protocol/message.ts";
import type { CometClient } from "./comet_client.ts";

/** Options of {@linkcode readFile}. */
export interface ReadOptions {
  /** Whether to read the small picture, which the file has if its `thumbnail` is true. */
  readonly thumbnail?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads the content of a file, which must fit into memory. Throws what requests throw. */
export function readFile(
  client: Pick<CometClient, "request">,
  { id, size }: Pick<MessageFile, "id" | "size">,
  { thumbnail, signal }: ReadOptions = {},
): Promise<Blob> {
  return client.request({
    method: "GET",
    path: `api/files/${encodeURIComponent(id)}${thumbnail ? "/thumbnail" : ""}`,
    // A file never changes.
    onAttempt: () => ({ cache: "default" }),
    read: (response) => response.blob(),
    isReply: isBlob,
    timeoutMs: transferTimeout(size),
    signal,
  });
}

/** The slowest connection of which the server accepts files, in bytes per ms. */
const SLOWEST = 1;

/** How long a request takes at most that transfers a number of bytes, in ms. Timers know no longer time than the last one. */
export function transferTimeout(bytes: number): number {
  return Math.min(60_000 + bytes / SLOWEST, 2 ** 31 - 1);
}

const isBlob: Guard<Blob> = (value) => value instanceof Blob;
