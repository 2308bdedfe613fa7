import { formatChannel } from "../../protocol/channel.ts";
import type { RoomEvent } from "../../protocol/message.ts";
import { checkBody, type OutgoingMessage } from "../model/content.ts";
import { Refused } from "../model/refused.ts";
import { channelFor, checkMayWrite, otherOf } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { Appended, MessageLog } from "../model/store.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Claims } from "./claims.ts";
import type { Conversations } from "./conversations.ts";

/** What {@linkcode Sending} is constructed from. */
export interface SendingDeps {
  readonly log: MessageLog;
  readonly sessions: Sessions;
  readonly conversations: Pick<Conversations, "openForPair">;
  readonly claims: Claims;
}

/** Takes in the messages and events of sessions. */
export class Sending {
  readonly #deps: SendingDeps;

  constructor(deps: SendingDeps) {
    this.#deps = deps;
  }

  /** Appends a message or an event. It is durable when this resolves. */
  async send(session: Session, { event, ...outgoing }: OutgoingMessage): Promise<Appended> {
    if (event !== undefined) return await this.#sendEvent(session, { event, ...outgoing });
    checkBody(outgoing);
    const channel = channelFor(session.publicToken, outgoing.channel);
    checkMayWrite(session, channel);
    const { log, conversations } = this.#deps;
    if (channel.kind === "direct") {
      await this.#checkRecipient(otherOf(channel.pair, session.publicToken));
    }
    const draft = { ...outgoing, channel: formatChannel(channel), from: session.person };
    const appending = log.append([draft]);
    const opening = channel.kind === "direct"
      ? conversations.openForPair(channel.pair, session.publicToken)
      : undefined;
    const [[appended]] = opening === undefined
      ? [await appending]
      : await Promise.all([appending, opening]);
    if (appended === undefined) throw new Error("The log returned no message for a draft");
    return appended;
  }

  async #sendEvent(
    session: Session,
    { channel, key, event, text, data }: OutgoingMessage & { readonly event: RoomEvent },
  ): Promise<Appended> {
    if (text !== undefined || data !== undefined) {
      throw new Refused("invalid_request", 'A message with "event" has neither "text" nor "data"');
    }
    return await this.#deps.claims.send(session, {
      channel,
      event,
      ...(key !== undefined && { key }),
    });
  }

  async #checkRecipient(publicToken: string): Promise<void> {
    if (await this.#deps.sessions.find(publicToken) !== undefined) return;
    throw new Refused("unknown_recipient", "There is no session with this public token");
  }
}
