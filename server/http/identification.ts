import type { UserIds } from "../core/sessions/user_ids.ts";
import type { HistoryReply, PollReply, PresenceReply } from "../protocol/replies.ts";

/**
 * Adds the user ids of people to what programs with an API key get. Sessions never get them: their replies do not come
 * here.
 */
export class Identification {
  readonly #userIds: UserIds;

  constructor(userIds: UserIds) {
    this.#userIds = userIds;
  }

  async poll(reply: PollReply | undefined): Promise<PollReply | undefined> {
    if (reply === undefined) return undefined;
    const messages = await this.#userIds.identifySenders(reply.messages);
    const signals = await this.#userIds.identifySenders(reply.signals);
    return { ...reply, messages, signals };
  }

  async history(reply: HistoryReply): Promise<HistoryReply> {
    return { ...reply, messages: await this.#userIds.identifySenders(reply.messages) };
  }

  async presence({ present, ...reply }: PresenceReply): Promise<PresenceReply> {
    const identified = present.map((person) => this.#userIds.identify(person));
    return { ...reply, present: await Promise.all(identified) };
  }
}
