import { composed, isPublicToken } from "../../protocol/channel.ts";
import {
  DATA_DEPTH,
  MENTIONS_PER_MESSAGE,
  NAME_LENGTH,
  TEXT_BYTES,
  TITLE_BYTES,
} from "../../protocol/limits.ts";
import type { Body, Json, RoomEvent } from "../../protocol/message.ts";
import { Refused } from "./refused.ts";

/** A message to send. */
export interface OutgoingMessage extends Body {
  readonly channel: string;
  readonly event?: RoomEvent;
  /** The id of the message that it replies to. */
  readonly replyTo?: number;
  /** The ids of its files. */
  readonly files?: readonly string[];
  /** Idempotency key: a repeated send with the same key appends nothing. */
  readonly key?: string;
}

/**
 * Characters that a name must not contain: line breaks and controls, characters that hide or reorder others, and those
 * that look like spaces. Scripts and emoji need joiners and variation selectors, and up to four marks on a letter.
 */
const FORBIDDEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u2800]|(?![\u200c\u200d\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]|\p{M}{5}/u;

const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** What {@linkcode FORBIDDEN} excludes: what stands between words, what is invisible, and marks beyond the fourth. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}\u2800]/gu;
const INVISIBLE =
  /\p{Cs}|(?![\u200c\u200d\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const EXCESS_MARKS = /(?<=\p{M}{4})\p{M}+/gu;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

const utf8 = new TextEncoder();

/** Rejects an invalid message body with `invalid_request` or `text_too_long`. `hasFiles`: it can then be empty. */
export function checkBody({ title, text, data, mentions = [] }: Body, hasFiles = false): void {
  const isEmpty = text === undefined && data === undefined;
  if (isEmpty ? !hasFiles : text !== undefined && data !== undefined) {
    throw new Refused("invalid_request", 'A message must have either "text" or "data"');
  }
  if (text !== undefined) checkText("text", text, TEXT_BYTES);
  checkMentions(mentions, text);
  if (title !== undefined) checkText("title", title, TITLE_BYTES);
  if (data !== undefined && isDeeper(data, DATA_DEPTH)) {
    throw new Refused(
      "invalid_request",
      `"data" must not be nested deeper than ${DATA_DEPTH} levels`,
    );
  }
}

/** The content of a message as it is stored: a list of mentions that is empty is left out. */
export function storedBody<T extends Body>(
  body: T,
): Omit<T, "mentions"> & Pick<Body, "mentions"> {
  if (body.mentions?.length !== 0) return body;
  const { mentions: _mentions, ...others } = body;
  return others;
}

function checkMentions(mentions: readonly string[], text: string | undefined): void {
  if (mentions.length === 0) return;
  if (text === undefined) {
    throw new Refused("invalid_request", 'Only a message with a text can have "mentions"');
  }
  const isValid = mentions.every(isPublicToken) && new Set(mentions).size === mentions.length;
  if (isValid && mentions.length <= MENTIONS_PER_MESSAGE) return;
  const detail =
    `"mentions" must have at most ${MENTIONS_PER_MESSAGE} public tokens, each of them once`;
  throw new Refused("invalid_request", detail);
}

/** Normalizes a display name: composed (NFC), trimmed, with single spaces. Rejects an invalid name with `invalid_request`. */
export function displayNameOf(name: string): string {
  const shown = composed(name, NAME_LENGTH)?.trim().replace(/\p{Zs}+/gu, " ");
  const isShort = shown !== undefined && [...shown].length <= NAME_LENGTH;
  if (!isShort || !VISIBLE.test(shown) || !shown.isWellFormed() || FORBIDDEN.test(shown)) {
    throw new Refused(
      "invalid_request",
      `"displayName" must have 1 to ${NAME_LENGTH} visible characters on one line`,
    );
  }
  return shown;
}

/**
 * The display name of a user whose application chose `name`, without whatever {@linkcode displayNameOf} would refuse, and
 * not longer than allowed: a user cannot correct it. If nothing is left, it is made from the public token.
 */
export function displayNameFrom(name: string, publicToken: string): string {
  // Normalizing a long text would take long.
  const start = name.slice(0, NAME_LENGTH * 8).replace(BREAKS, " ").replace(INVISIBLE, "");
  const normal = start.normalize("NFC").replace(EXCESS_MARKS, "");
  const clean = normal.replace(/\p{Zs}+/gu, " ").trim();
  const short = shortened(clean, NAME_LENGTH).trim();
  return VISIBLE.test(short) ? short : `User ${publicToken.slice(-4)}`;
}

/** As many whole graphemes of a text as have at most `length` characters; of a longer grapheme, its beginning. */
function shortened(text: string, length: number): string {
  let short = "";
  let count = 0;
  for (const { segment } of graphemes.segment(text)) {
    count += [...segment].length;
    if (count > length) return short || [...segment].slice(0, length).join("");
    short += segment;
  }
  return short;
}

function checkText(field: string, text: string, limit: number): void {
  if (text === "") throw new Refused("invalid_request", `"${field}" must not be empty`);
  if (!text.isWellFormed()) throw new Refused("invalid_request", `"${field}" is not valid Unicode`);
  // A UTF-16 code unit takes at most three bytes of UTF-8.
  if (text.length * 3 > limit && utf8.encode(text).length > limit) {
    throw new Refused("text_too_long", `"${field}" is longer than ${limit} bytes of UTF-8`);
  }
}

function isDeeper(value: Json, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}
