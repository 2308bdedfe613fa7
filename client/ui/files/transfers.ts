import { PROBLEM_TYPE } from "../../../server/protocol/refusal.ts";
import type { CometClient, MessageFile } from "../../comet/halley.ts";
import { HalleyError } from "../../comet/halley_error.ts";
import { sentHeaders } from "../state/sent_headers.ts";

/** The network has failed, or somebody else than the server has answered. */
export class TransferError extends Error {}

interface Transfer {
  readonly method: "POST" | "PUT";
  /** Relative to the page. */
  readonly path: string;
  readonly body: Blob;
  readonly signal: AbortSignal;
  /** Called with the sent part of the body, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/**
 * Sends a request with the token of the page's client, which gets a new one if that is refused. Resolves with the body. Throws
 * a `HalleyError` if the server refuses it, otherwise a {@linkcode TransferError}.
 */
export async function transfer(client: CometClient, request: Transfer): Promise<Blob> {
  if (!sentHeaders.value) await renewToken(client);
  const first = await attempt(request);
  if (first.status !== 401) return await resultOf(first);
  await renewToken(client);
  return await resultOf(await attempt(request));
}

/** The headers of the next request have a valid token then. */
async function renewToken(client: CometClient): Promise<void> {
  try {
    await client.whoAmI();
  } catch (error) {
    if (error instanceof HalleyError && error.code !== "unexpected_answer") throw error;
    throw new TransferError("The server cannot be reached");
  }
}

function attempt(
  { method, path, body, signal, onProgress }: Transfer,
): Promise<{ readonly status: number; readonly body: Blob }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = () => reject(new TransferError("The network has failed"));
    request.open(method, new URL(path, document.baseURI));
    request.responseType = "blob";
    for (const [name, value] of new Headers(sentHeaders.value)) {
      if (name !== "content-type") request.setRequestHeader(name, value);
    }
    request.setRequestHeader("content-type", "application/octet-stream");
    request.onload = () => resolve({ status: request.status, body: request.response });
    request.onerror = request.ontimeout = request.onabort = fail;
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(loaded / (total || 1));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if (signal.aborted) return fail();
    request.send(body);
  });
}

async function resultOf({ status, body }: { readonly status: number; readonly body: Blob }) {
  if (status >= 200 && status < 300) return body;
  const problem = await body.text().then(JSON.parse).catch(() => undefined);
  if (problem?.type !== `${PROBLEM_TYPE}${problem?.code}`) {
    throw new TransferError("Somebody else has answered");
  }
  const { code, detail, retryAfter } = problem;
  throw new HalleyError({ code, status, detail, retryAfter });
}

/** What the server has found in an uploaded file. */
export async function fileIn(body: Blob): Promise<MessageFile> {
  const file = await body.text().then(JSON.parse).catch(() => undefined);
  if (typeof file?.id === "string") return file;
  throw new TransferError("Somebody else has answered");
}
