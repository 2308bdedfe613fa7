import { Refused } from "../core/model/refused.ts";

/** What a body may hold, in bytes, unless a route allows more. */
const BODY_BYTES = 64 * 1024;

/** The body of a request as text. Refuses with `body_too_large`, or with `bad_json` where it breaks off. */
export async function readText(request: Request): Promise<string> {
  const body = limited(request, BODY_BYTES);
  try {
    return await body.text();
  } catch (error) {
    throw unreadable(error, "Cannot read the body");
  }
}

/** The body of a request as JSON. Refuses as {@linkcode readText} does, and with `bad_json` what is no JSON. */
export async function readJsonValue(request: Request, bytes = BODY_BYTES): Promise<unknown> {
  const body = limited(request, bytes);
  try {
    return await body.json();
  } catch (error) {
    throw unreadable(error, "Cannot read the body as JSON");
  }
}

/** The same request; or, where its length is not told, one whose body ends with a refusal when it is too long. */
function limited(request: Request, most: number): Request | Response {
  const length = request.headers.get("content-length");
  if (length !== null && /^\d{1,15}$/.test(length)) {
    if (Number(length) > most) throw tooLarge(most);
    return request;
  }
  // Counting makes a stream of the body, which is dear.
  return new Response(request.body?.pipeThrough(counting(most)) ?? null);
}

function counting(most: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > most) throw tooLarge(most);
      controller.enqueue(chunk);
    },
  });
}

function unreadable(error: unknown, what: string): Refused {
  return error instanceof Refused ? error : new Refused("bad_json", what);
}

function tooLarge(most: number): Refused {
  return new Refused("body_too_large", `A body may have ${most} bytes`);
}
