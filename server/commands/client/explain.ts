import { HalleyError } from "../../../client/comet/halley_error.ts";
import { harmless } from "./harmless.ts";

/** Why a request failed, in a line that says what to do. */
export function explain(error: unknown, url: string): string {
  // The network, or a deadline: no server has said anything.
  if (!(error instanceof HalleyError)) return `${url} does not answer. Is HALLEY_URL right?`;
  const { code, status, detail } = error;
  if (code === "unexpected_answer") {
    return `${url} gives an answer that no Halley gives (status ${status}). Is HALLEY_URL right?`;
  }
  if (status === 401) {
    return `${url} does not know the key in HALLEY_KEY. It must be one of the server's API_KEYS`;
  }
  if (code === "not_allowed") return `HALLEY_KEY does not allow that: ${harmless(detail)}`;
  return harmless(detail);
}
