import type { Person } from "../../comet/halley.ts";
import type { OutboxStore } from "./outbox_store.ts";

/** Something that is kept when the page is closed. Where nothing may be kept, it is forgotten. */
export interface Kept<T> {
  read(): T | undefined;
  write(value: T | undefined): void;
}

/** A conversation, as far as it is kept here. */
export interface KeptConversation {
  readonly channel: string;
  /** Of a direct conversation. */
  readonly other?: Person | undefined;
  /** The last message that was seen. */
  readonly readUpTo?: number | undefined;
  /** Whether the server knows that it is open. */
  readonly isTold?: boolean | undefined;
}

/** A place to read on from, and since when it is the newest. */
export interface KeptPlace {
  readonly cursor: string;
  readonly at: number;
}

/** What a chat keeps when its page is closed. */
export interface ChatMemory {
  readonly conversations: Kept<readonly KeptConversation[]>;
  readonly place: Kept<KeptPlace>;
  /** What was written and not sent, by channel. */
  readonly drafts: Kept<Readonly<Record<string, string>>>;
  readonly outbox: OutboxStore;
}

/** Keeps a value for as long as the page is open. */
export function forgetful<T>(value?: T): Kept<T> {
  return { read: () => value, write: (next) => void (value = next) };
}
