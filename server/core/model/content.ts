import { DATA_DEPTH, NAME_LENGTH, TEXT_BYTES, TITLE_BYTES } from "../../protocol/limits.ts";
import type { Body, Json } from "../../protocol/message.ts";
import { Refused } from "./refused.ts";

/**
 * What a name may not hold: line breaks and controls, what hides or turns round other characters, and what looks like a
 * blank. Joiners and variation selectors are left to the scripts and pictures that need them; marks are, but not in heaps.
 */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u2800]|(?![\u200c\u200d\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]|\p{M}{5}/u;

/** What one sees. */
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u;

const utf8 = new TextEncoder();

/** Refuses what cannot be a message's body, with `invalid_request` or `text_too_long`. */
export function checkBody({ title, text, data }: Body): void {
  if ((text === undefined) === (data === undefined)) {
    throw new Refused("invalid_request", 'A message has either "text" or "data"');
  }
  if (text !== undefined) checkText("text", text, TEXT_BYTES);
  if (title !== undefined) checkText("title", title, TITLE_BYTES);
  if (data !== undefined && isDeeper(data, DATA_DEPTH)) {
    throw new Refused("invalid_request", `"data" is nested deeper than ${DATA_DEPTH}`);
  }
}

/**
 * A display name as it is shown: composed, without blanks around it, and with single ones in it. Refuses with
 * `invalid_request` what is none.
 */
export function displayNameOf(name: string): string {
  const shown = name.normalize("NFC").trim().replace(/\p{Zs}+/gu, " ");
  const isShort = [...shown].length <= NAME_LENGTH;
  if (!isShort || !SEEN.test(shown) || !shown.isWellFormed() || UNSEEN.test(shown)) {
    throw new Refused(
      "invalid_request",
      `"displayName" has 1 to ${NAME_LENGTH} characters on one line`,
    );
  }
  return shown;
}

function checkText(field: string, text: string, limit: number): void {
  if (text === "") throw new Refused("invalid_request", `"${field}" is empty`);
  if (!text.isWellFormed()) throw new Refused("invalid_request", `"${field}" is no valid Unicode`);
  // No character of UTF-16 takes more than three bytes of UTF-8.
  if (text.length * 3 > limit && utf8.encode(text).length > limit) {
    throw new Refused("text_too_long", `"${field}" is longer than ${limit} bytes`);
  }
}

function isDeeper(value: Json, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}
