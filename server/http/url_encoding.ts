import { Refused } from "../core/model/refused.ts";
import type { RequestHandler } from "./listener.ts";
import { refusalResponse } from "./problem.ts";

/** Refuses requests whose URL has escaped bytes that are not UTF-8. */
export function guardUrl(
  handler: RequestHandler,
  onRefusal: (refused: Refused) => void,
): RequestHandler {
  return (request, connection) => {
    const invalid = request.url.includes("%") ? invalidEscapes(request.url) : undefined;
    if (invalid === undefined) return handler(request, connection);
    const refused = new Refused(
      "invalid_request",
      `The URL contains ${invalid}, which is not UTF-8: encode text as encodeURIComponent does`,
    );
    onRefusal(refused);
    return refusalResponse(refused);
  };
}

/** Finds escaped bytes that are not UTF-8: decoding would replace them by U+FFFD. */
export function invalidEscapes(text: string): string | undefined {
  return text.match(/(?:%[\da-f]{2})+/gi)?.find((escapes) => !isUtf8(escapes));
}

function isUtf8(escapes: string): boolean {
  try {
    return decodeURIComponent(escapes) !== "";
  } catch {
    return false;
  }
}
