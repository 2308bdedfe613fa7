import { InexactNumberError, parseExactJson } from "../core/model/exact_json.ts";
import { Refused } from "../core/model/refused.ts";
import type { Json } from "../protocol/message.ts";
import type { Publication } from "../protocol/requests.ts";
import type { NoticeRow } from "./sources/notice_source.ts";

/** Maximum length of a row's key, in characters. */
const KEY_LENGTH = 256;

/** Maximum length of a row's data as JSON, in characters. */
const DATA_LENGTH = 2 ** 16;

/**
 * Converts a row to a publication. Its idempotency key consists of the row's key and the checkpoint's generation. Refuses
 * invalid rows.
 */
export function publicationOf(row: NoticeRow, generation: string): Publication {
  const { key, recipient, title, body, data } = row;
  if (key.length > KEY_LENGTH) {
    throw new Refused("invalid_request", `The key is longer than ${KEY_LENGTH} characters`);
  }
  return {
    to: recipient?.trim() || "everyone",
    key: `${generation} ${key}`,
    ...(title && { title }),
    ...(body && { text: body }),
    ...(data && { data: parseData(data) }),
  };
}

function parseData(text: string): Json {
  if (text.length > DATA_LENGTH) {
    throw new Refused("text_too_long", `"data" is longer than ${DATA_LENGTH} characters`);
  }
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof InexactNumberError) throw new Refused("invalid_request", error.message);
    throw new Refused("invalid_request", '"data" is not valid JSON');
  }
}
