import type { Entry } from "./message.ts";

/** Words that must be next to each other in this order. */
export interface Phrase {
  readonly words: readonly string[];
  /** Whether the last word can be the beginning of a longer one. */
  readonly isPrefix: boolean;
}

/** What a message must have to be found. */
export interface SearchTerms {
  /** At least one, all of which the message contains. */
  readonly phrases: readonly Phrase[];
  /** Places of which the message is in at least one: see `placesOf`. */
  readonly places: readonly string[];
  /** The public token of its sender. */
  readonly from?: string | undefined;
  /** Its id is greater than this one. */
  readonly after: number;
}

/** What was found in a part of the log. */
export interface SearchPortion {
  /** Messages that have the terms, newest first. */
  readonly messages: readonly Entry[];
  /** The next portion begins below this id; `undefined` at the end. */
  readonly before: number | undefined;
  /** About the number of messages that are too old to be in the index yet. */
  readonly unindexed: number;
}

/** How far an index of words is. */
export interface IndexState {
  /** Number of new messages that are not in the index yet: they are found by reading them. */
  readonly waiting: number;
  /** About the number of messages that are too old to be in the index yet: they are not found. */
  readonly unindexed: number;
  /** How often the index was damaged since the start, and what was wrong the last time. It is built anew then. */
  readonly damages: number;
  readonly damage?: string;
}

/** Finds messages by their words. */
export interface MessageSearch {
  /**
   * Searches the next part of the log below an id, quickly, for up to `limit` messages; finding fewer, or none, does not mean
   * that there are no more.
   */
  find(terms: SearchTerms, before: number, limit: number): Promise<SearchPortion>;

  /** How far the index is at this moment. */
  state(): Promise<IndexState>;
}
