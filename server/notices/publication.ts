import type { Json } from "../protocol/message.ts";
import type { Publication } from "../protocol/requests.ts";
import { Refused } from "../core/model/refused.ts";
import type { NoticeRow } from "./sources/notice_source.ts";

/** How long a key may be. */
const KEY_LENGTH = 256;

/** How long data may be, as JSON. */
const DATA_LENGTH = 2 ** 16;

/** Makes a row a publication; one of a row with the same key, in the same life, has the same key. Refuses wrong rows. */
export function publicationOf(row: NoticeRow, life: string): Publication {
  const { key, recipient, title, body, data } = row;
  if (key.length > KEY_LENGTH) {
    throw new Refused("invalid_request", `The key is longer than ${KEY_LENGTH} characters`);
  }
  return {
    to: recipient?.trim() || "everyone",
    key: `${life} ${key}`,
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
    return JSON.parse(text);
  } catch {
    throw new Refused("invalid_request", '"data" is no JSON');
  }
}
