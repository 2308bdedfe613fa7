import { decode, type Draft } from "../../core/model/message.ts";
import type { Appended } from "../../core/model/store.ts";
import type { Message } from "../../protocol/message.ts";
import type { DraftDigests } from "../digests.ts";
import { type EncodedDraft, encodeDraft, messageFrom } from "../sqlite/encoded_draft.ts";
import type { AppendResult, OwnMessage } from "./port_messages.ts";

/**
 * An `append` that waits for the thread. Its new messages come back as an id and a time each, and are made from the drafts
 * here, because the isolate has their contents already.
 */
export class PendingAppend {
  readonly drafts: readonly EncodedDraft[];
  readonly promise: Promise<readonly Appended[]>;
  readonly reject: (error: unknown) => void;
  readonly #drafts: readonly Draft[];
  readonly #resolve: (appended: readonly Appended[]) => void;
  readonly #messages = new Map<number, Message>();

  constructor(drafts: readonly Draft[], digests: DraftDigests) {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Appended[]>();
    this.promise = promise;
    this.reject = reject;
    this.#resolve = resolve;
    this.#drafts = drafts;
    this.drafts = drafts.map((draft) => encodeDraft(draft, digests));
  }

  /** Whether all drafts have become new messages: nothing else will come. */
  get isComplete(): boolean {
    return this.#messages.size === this.#drafts.length;
  }

  /** Returns a new message, given its index, id and time. */
  message({ n, id, at }: OwnMessage): Message {
    const [draft, encoded] = [this.#drafts[n], this.drafts[n]];
    if (draft === undefined || encoded === undefined) throw new Error(`There is no draft ${n}`);
    const message = messageFrom({ draft, encoded, id, at });
    this.#messages.set(n, message);
    return message;
  }

  resolve(result: AppendResult = []): void {
    this.#resolve(this.#drafts.map(({ changes }, n) => {
      const stored = result[n];
      if (stored !== undefined) return { message: decode(stored), repeated: changes === undefined };
      const message = this.#messages.get(n);
      if (message === undefined) throw new Error(`There is no message for draft ${n}`);
      return { message, repeated: false };
    }));
  }
}
