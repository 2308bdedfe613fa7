/**
 * Limits that both sides keep. What may differ between deployments is in {@linkcode ServerSettings} instead: the server
 * tells it to its clients.
 *
 * @module
 */

/** Maximum size of a message's text in bytes of UTF-8. */
export const TEXT_BYTES = 8 * 1024;

/** Maximum size of a title in bytes of UTF-8. */
export const TITLE_BYTES = 256;

/** Maximum nesting depth of arrays and objects in `data`. */
export const DATA_DEPTH = 100;

/** Maximum length of a display name in characters (code points). */
export const NAME_LENGTH = 64;

/** Maximum length of a room's name in characters (code points). */
export const ROOM_NAME_LENGTH = 64;

/** Maximum number of channels that one poll can name. */
export const POLL_CHANNELS = 256;

/** Shortest and longest time in ms that a poll can ask to be held; 0 asks for an immediate reply. */
export const HOLD = { min: 1_000, max: 55_000 } as const;

/** Number of items on a page: by default, and at most. */
export const PAGE_SIZE = { default: 50, max: 100 } as const;

/** Maximum number of people whom a message mentions. */
export const MENTIONS_PER_MESSAGE = 20;

/** Maximum number of files of a message. */
export const FILES_PER_MESSAGE = 10;

/** Maximum length of the name of a file in characters (UTF-16 units). */
export const FILE_NAME_LENGTH = 120;

/** Maximum size of a thumbnail in bytes. */
export const THUMBNAIL_BYTES = 200_000;

/** The media types of pictures that are shown; all other files are downloads. */
export const PICTURE_TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;

/** Maximum number of messages that a request can name by their ids. */
export const IDS_PER_REQUEST = 50;

/** Maximum number of tabs per session that can poll at the same time. */
export const TABS_PER_SESSION = 8;

/** Maximum length of the reason of a ban in characters (UTF-16 units). */
export const BAN_REASON_LENGTH = 200;

/** Maximum number of messages in one publish request. */
export const PUBLISH_BATCH = 1_000;

/** Maximum number of different emoji, and of reactions, that a message can have. */
export const REACTION_KINDS = 20;
export const REACTIONS = 200;

/** Unread messages are counted up to this number. */
export const UNREAD_LIMIT = 100;

/** A word that clients choose, such as a tab or an idempotency key: 1 to 64 visible ASCII characters. */
export const CLIENT_WORD = /^[\x21-\x7e]{1,64}$/;

/** How long the code of a transfer is valid, in ms. */
export const TRANSFER_TIME = 600_000;

/** Maximum length of what is searched for in characters (UTF-16 units), and of its words. */
export const SEARCH_LENGTH = 256;
export const SEARCH_WORDS = 40;
