import { type Guard, isRecord } from "../../../server/protocol/guards.ts";
import type { ChatMemory, Kept, KeptConversation, KeptPlace } from "./storage.ts";
import { OutboxDatabase } from "./outbox_database.ts";

/** What this browser keeps under a name. */
export function keptAs<T>(key: string, isKept: Guard<T>): Kept<T> {
  return {
    read() {
      try {
        const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
        return isKept(value) ? value : undefined;
      } catch {
        return undefined; // Storage may be forbidden, and what it holds may be anybody's.
      }
    },
    write(value) {
      try {
        if (value === undefined) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Forbidden or full: the page works without, until it is closed.
      }
    },
  };
}

/** What this browser keeps of the chat of one session, below a prefix. What it kept of another session is not seen. */
export function openMemory(prefix: string, owner: string): ChatMemory {
  return {
    conversations: ownedBy(owner, keptAs(`${prefix}.conversations`, isOwned(isConversations))),
    place: ownedBy(owner, keptAs(`${prefix}.place`, isOwned(isPlace))),
    drafts: ownedBy(owner, keptAs(`${prefix}.drafts`, isOwned(isDrafts))),
    outbox: new OutboxDatabase(`${prefix}.outbox`, owner),
  };
}

interface Owned<T> {
  readonly owner: string;
  readonly value: T;
}

/** Several tabs may have several sessions for a while; the one that writes last is kept. */
function ownedBy<T>(owner: string, kept: Kept<Owned<T>>): Kept<T> {
  return {
    read() {
      const owned = kept.read();
      return owned?.owner === owner ? owned.value : undefined;
    },
    write: (value) => kept.write(value === undefined ? undefined : { owner, value }),
  };
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isOwned<T>(isValue: Guard<T>): Guard<Owned<T>> {
  return (value): value is Owned<T> =>
    isRecord(value) && isString(value.owner) && isValue(value.value);
}

function isPlace(value: unknown): value is KeptPlace {
  return isRecord(value) && isString(value.cursor) && typeof value.at === "number";
}

function isDrafts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every(isString);
}

function isConversations(value: unknown): value is readonly KeptConversation[] {
  return Array.isArray(value) && value.every(isConversation);
}

function isConversation(value: unknown): value is KeptConversation {
  return isRecord(value) && isString(value.channel) &&
    (value.readUpTo === undefined || typeof value.readUpTo === "number");
}
