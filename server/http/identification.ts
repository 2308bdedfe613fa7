import type { UserIds } from "../core/sessions/user_ids.ts";
import type { Message } from "../protocol/message.ts";
import type { HistoryReply, PollReply, PresenceReply, RoomListReply } from "../protocol/replies.ts";

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
    const changed = reply.changes?.map(async (change) => ({
      ...change,
      message: await this.message(change.message),
    }));
    const changes = changed && { changes: await Promise.all(changed) };
    return { ...reply, messages, ...changes, signals };
  }

  async message(message: Message): Promise<Message> {
    const [identified = message] = await this.#userIds.identifySenders([message]);
    return identified;
  }

  async history(reply: HistoryReply): Promise<HistoryReply> {
    return { ...reply, messages: await this.#userIds.identifySenders(reply.messages) };
  }

  async roomList({ rooms, ...reply }: RoomListReply): Promise<RoomListReply> {
    const identified = rooms.map(async ({ claimedBy, closedBy, visitor, ...room }) => ({
      ...room,
      last: await this.message(room.last),
      people: await Promise.all(room.people.map((person) => this.#userIds.identify(person))),
      ...(claimedBy && { claimedBy: await this.#userIds.identify(claimedBy) }),
      ...(closedBy && { closedBy: await this.#userIds.identify(closedBy) }),
      ...(visitor && { visitor: await this.#userIds.identify(visitor) }),
    }));
    return { ...reply, rooms: await Promise.all(identified) };
  }

  async presence({ present, ...reply }: PresenceReply): Promise<PresenceReply> {
    const identified = present.map((person) => this.#userIds.identify(person));
    return { ...reply, present: await Promise.all(identified) };
  }
}
