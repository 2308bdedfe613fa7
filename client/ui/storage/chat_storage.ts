import { type Guard, isRecord } from "../../../server/protocol/guards.ts";
import type { Person } from "../../comet/halley.ts";
import type { ConversationSettings } from "../state/conversation_settings.ts";
import { MemoryOutboxStore, type OutboxEntry, type OutboxStore } from "./outbox_store.ts";
import { localValue, memoryValue, type StoredValue } from "./stored_value.ts";

/** A page that was closed longer ago (ms) loads the history instead of all messages since its cursor. */
const CURSOR_MAX_AGE = 12 * 3_600_000;

/** What one session stores of its chat. */
export interface ChatStorage {
  readonly conversations: StoredValue<readonly StoredConversation[]>;
  readonly cursor: StoredValue<StoredCursor>;
  readonly drafts: StoredValue<Drafts>;
  readonly outbox: Promise<OutboxStore>;
  readonly journal: StoredValue<Journal>;
  /** The files that were not sent, which are stored elsewhere (the page). */
  readonly files?: StoredValue<never>;
}

/** An open conversation. */
export interface StoredConversation {
  readonly channel: string;
  /** The other person of a direct conversation. */
  readonly other?: Person | undefined;
  /** The id of the last message that was read. */
  readonly readUpTo?: number | undefined;
  /** Whether the server knows that the conversation is open. */
  readonly isSynced?: boolean | undefined;
  readonly settings?: ConversationSettings | undefined;
}

/** A cursor, and the Unix time in ms since when it is the newest. */
export interface StoredCursor {
  readonly cursor: string;
  readonly at: number;
}

/** Unsent texts by channel, and the ids of the messages that they reply to by channel and ">". */
export type Drafts = Readonly<Record<string, string | undefined>>;

/** Messages that the outbox is storing, by key. */
export type Journal = Readonly<Record<string, OutboxEntry | undefined>>;

/** Whose the stored values are. */
export interface StorageOwner {
  /** What all keys begin with. */
  readonly prefix: string;
  /** Of the session that alone sees what is stored. */
  readonly publicToken: string;
  /** Whether it stays there when another session follows. */
  readonly isKept: boolean;
}

export interface ChatStorageOptions extends StorageOwner {
  readonly outbox: Promise<OutboxStore>;
}

/** The stored cursor from which a page continues; undefined if it starts at the newest message. */
export function startOf({ cursor }: ChatStorage): string | undefined {
  const stored = cursor.read();
  return stored && Date.now() - stored.at < CURSOR_MAX_AGE ? stored.cursor : undefined;
}

/** Storage of this browser. */
export function openChatStorage(options: ChatStorageOptions): ChatStorage {
  const owned = ownedValues(options);
  return {
    conversations: owned("conversations", isConversations),
    cursor: owned("cursor", isStoredCursor),
    drafts: owned("drafts", isDrafts),
    // Only this program writes there.
    journal: owned("outbox", isRecord as Guard<Journal>),
    outbox: options.outbox,
  };
}

/** Opens values of one session in this browser by their names. */
export function ownedValues({ prefix, publicToken, isKept }: StorageOwner) {
  const owner = isKept ? `${prefix}.${publicToken}` : prefix;
  return <T>(name: string, isValid: Guard<T>): StoredValue<T> =>
    ownedValue(publicToken, localValue(`${owner}.${name}`, isOwned(isValid)));
}

/** Storage that is lost when the page is closed. */
export function openMemoryStorage(): ChatStorage {
  return {
    conversations: memoryValue(),
    cursor: memoryValue(),
    drafts: memoryValue(),
    journal: memoryValue(),
    outbox: Promise.resolve(new MemoryOutboxStore()),
  };
}

/** Removes everything, so that the next session of this browser finds nothing. */
export function clearStorage({ outbox, ...values }: ChatStorage): void {
  for (const value of Object.values(values)) value.write(undefined);
  outbox.then((store) => store.clear());
}

interface Owned<T> {
  /** Public token of a session. */
  readonly owner: string;
  readonly value: T;
}

/** Tabs can have different sessions for a while: they share the key, and the last write wins. */
function ownedValue<T>(owner: string, stored: StoredValue<Owned<T>>): StoredValue<T> {
  return {
    read() {
      const owned = stored.read();
      return owned?.owner === owner ? owned.value : undefined;
    },
    write(value) {
      if (value !== undefined) stored.write({ owner, value });
      else if (stored.read()?.owner === owner) stored.write(undefined);
    },
    watch: stored.watch,
  };
}

function isOwned<T>(isValue: Guard<T>): Guard<Owned<T>> {
  return (value): value is Owned<T> =>
    isRecord(value) && typeof value.owner === "string" && isValue(value.value);
}

function isStoredCursor(value: unknown): value is StoredCursor {
  return isRecord(value) && typeof value.cursor === "string" && typeof value.at === "number";
}

function isDrafts(value: unknown): value is Drafts {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
}

function isConversations(value: unknown): value is readonly StoredConversation[] {
  return Array.isArray(value) && value.every(isStoredConversation);
}

function isStoredConversation(value: unknown): value is StoredConversation {
  return isRecord(value) && typeof value.channel === "string" &&
    (value.readUpTo === undefined || typeof value.readUpTo === "number");
}
