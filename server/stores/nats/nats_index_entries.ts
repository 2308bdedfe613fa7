import type { Topic } from "../../core/model/message.ts";
import type { ChangeHeader } from "./nats_changes.ts";

/** A message as the stream delivers it. */
export interface IndexedMessage {
  readonly seq: number;
  readonly subject: string;
  readonly at: number;
  readonly bytes: number;
  /** Absent if it is the channel, as it is for direct messages of an earlier version. */
  readonly owner?: Topic | undefined;
  /** If it is a change of an earlier message. */
  readonly change?: ChangeHeader | undefined;
}

/** Messages of a subject that have the same owner, and that were removed from the index, and must be removed from the stream. */
export interface RemovedRange {
  readonly channel: string;
  readonly subject: string;
  readonly owner: Topic;
  readonly ids: number[];
  /** The lowest and the highest of the ids. */
  from: number;
  upTo: number;
  /** When the newest of these messages was stored: Unix time in ms. */
  at: number;
}

/** Ids in ascending order. */
export interface IdPage {
  readonly ids: readonly number[];
  /** Whether there are more after the last one. */
  readonly hasMore: boolean;
}
