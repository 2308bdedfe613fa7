import { type Guard, isRecord, isSignedIn } from "../../comet/answers.ts";
import type { Person, SignedIn } from "../../comet/halley.ts";

/** Something that this browser keeps when the page is closed. Where it may keep nothing, it is forgotten. */
export interface Kept<T> {
  read(): T | undefined;
  write(value: T | undefined): void;
}

/** A conversation, as far as the server does not know of it. */
export interface KeptConversation {
  readonly channel: string;
  /** Of a direct conversation. */
  readonly other?: Person | undefined;
  /** The last message that was seen. */
  readonly readUpTo?: number | undefined;
}

/** A place to read on from, and since when it is the newest. */
export interface KeptPlace {
  readonly cursor: string;
  readonly at: number;
}

export const keptSession: Kept<SignedIn> = kept("halley.session", isSignedIn);
export const keptLanguage: Kept<string> = kept("halley.language", isString);
export const keptPlace: Kept<KeptPlace> = kept("halley.place", isPlace);
export const keptConversations: Kept<readonly KeptConversation[]> = kept(
  "halley.conversations",
  isConversations,
);

function kept<T>(key: string, isKept: Guard<T>): Kept<T> {
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

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isPlace(value: unknown): value is KeptPlace {
  return isRecord(value) && typeof value.cursor === "string" && typeof value.at === "number";
}

function isConversations(value: unknown): value is readonly KeptConversation[] {
  return Array.isArray(value) && value.every(isConversation);
}

function isConversation(value: unknown): value is KeptConversation {
  return isRecord(value) && typeof value.channel === "string" &&
    (value.readUpTo === undefined || typeof value.readUpTo === "number");
}
