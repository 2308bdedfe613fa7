import type { ReadonlySignal } from "@preact/signals";
import type { CometClient, Message } from "../../comet/halley.ts";
import type { Conversation } from "../state/conversation.ts";
import { History, type VisitedMessages } from "../state/history.ts";
import type { PendingMessage } from "../state/outbox.ts";

/**
 * The messages of a conversation that were loaded earlier, shown until the server has answered. Apart from the
 * conversation's own history, which begins with what the server answers: so nothing of the copy can be missing or doubled
 * there.
 */
export class KeptMessages implements VisitedMessages {
  readonly history: History;
  readonly pending: ReadonlySignal<readonly PendingMessage[]>;
  readonly gapAfter: ReadonlySignal<number | undefined>;
  readonly #conversation: Conversation;

  constructor(client: CometClient, conversation: Conversation, messages: readonly Message[]) {
    this.#conversation = conversation;
    this.pending = conversation.pending;
    this.gapAfter = conversation.gapAfter;
    this.history = new History({
      client,
      channels: conversation.history.channels,
      onFirst: () => {},
      onPage: () => {},
    });
    this.history.add(messages);
    this.history.isLoaded.value = true;
  }

  trim(): void {}

  markRead(upTo: number | undefined = this.history.last?.id): void {
    this.#conversation.markRead(upTo);
  }

  /** Stays: there is nothing newer to show. */
  leave(): void {}
}
