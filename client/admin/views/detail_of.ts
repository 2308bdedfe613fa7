import { HalleyError } from "../../comet/halley.ts";
import { words } from "../i18n/admin_words.ts";

/** Why something could not be done: in the server's own words, if it has any. */
export function detailOf(error: unknown): string {
  return error instanceof HalleyError ? error.message : words.value.unreachable;
}
