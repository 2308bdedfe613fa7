import { isMessageFile } from "../../server/protocol/guards.ts";
import type { MessageFile } from "../../server/protocol/message.ts";
import type { ApiRequest } from "./api.ts";
import type { CometClient } from "./comet_client.ts";
import { Delays } from "./delays.ts";
import { randomKey } from "./random_key.ts";
import { transferTimeout } from "./read_file.ts";
import { untilAnswered } from "./until_answered.ts";

/** Options of {@linkcode uploadFile}. */
export interface UploadOptions {
  /** The name that readers see; by default, that of a `File`. */
  readonly name?: string | undefined;
  /** Idempotency key: with the same key, a file is stored once. */
  readonly key?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Uploads a file for a message that is sent afterwards with its id in `files`. Repeated with the same key until the server
 * replies. Throws a `HalleyError` if it refuses the file, and the signal's reason if that aborts.
 */
export async function uploadFile(
  client: Pick<CometClient, "request">,
  content: Blob,
  { name = nameOf(content), key = randomKey(), signal = new AbortController().signal }:
    UploadOptions = {},
): Promise<MessageFile> {
  const request: ApiRequest<MessageFile> = {
    method: "POST",
    path: `api/files?${new URLSearchParams({ name, key })}`,
    onAttempt: () => ({ body: content }),
    isReply: isMessageFile,
    timeoutMs: transferTimeout(content.size),
    signal,
  };
  const deps = { delays: new Delays(), signal, platform: globalThis };
  return await untilAnswered(() => client.request(request), deps);
}

function nameOf(content: Blob): string {
  return content instanceof File ? content.name : "";
}
