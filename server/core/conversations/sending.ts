import { type Channel, formatChannel } from "../../protocol/channel.ts";
import type { RoomEvent } from "../../protocol/message.ts";
import { checkBody, type OutgoingMessage } from "../model/content.ts";
import type { Draft } from "../model/message.ts";
import { Refused } from "../model/refused.ts";
import { channelFor, checkMayRead, checkMayWrite, otherOf } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { Appended, MessageLog } from "../model/store.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { checkAnswered } from "./answering.ts";
import type { Claims } from "./claims.ts";
import type { Conversations } from "./conversations.ts";

/** What {@linkcode Sending} is constructed from. */
export interface SendingDeps {
  readonly log: MessageLog;
  readonly sessions: Sessions;
  readonly conversations: Pick<Conversations, "openForPair">;
  readonly claims: Claims;
}

/** A draft of a session. */
type SessionDraft = Draft & Required<Pick<Draft, "from">>;

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
    const draft = { ...outgoing, channel: formatChannel(channel), from: session.person };
    // It tells whether a message is there.
    if (draft.replyTo !== undefined) checkMayRead(session, channel);
    try {
      await this.#checkNames(draft, channel);
    } catch (refused) {
      return await this.#repetition(draft, refused);
    }
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
    { channel, key, event, text, data, replyTo }: OutgoingMessage & { readonly event: RoomEvent },
  ): Promise<Appended> {
    if (text !== undefined || data !== undefined || replyTo !== undefined) {
      const detail = 'A message with "event" has neither "text" nor "data", and no "replyTo"';
      throw new Refused("invalid_request", detail);
    }
    return await this.#deps.claims.send(session, {
      channel,
      event,
      ...(key !== undefined && { key }),
    });
  }

  /** Rejects with `unknown_recipient` or `not_found` if what the message names is not there. */
  async #checkNames({ from, replyTo, ...draft }: SessionDraft, channel: Channel): Promise<void> {
    if (channel.kind === "direct") {
      await this.#checkRecipient(otherOf(channel.pair, from.publicToken));
    }
    if (replyTo !== undefined) await checkAnswered(this.#deps.log, replyTo, draft.channel);
  }

  /**
   * The message that a draft has become before. What it names may have disappeared since then, and its sender may not have
   * got the reply. Without an earlier one, rejects with the reason why it cannot be appended.
   */
  async #repetition(draft: SessionDraft, refused: unknown): Promise<Appended> {
    if (draft.key === undefined || !(refused instanceof Refused)) throw refused;
    try {
      const [repeated] = await this.#deps.log.append([{ ...draft, repeats: true }]);
      if (repeated !== undefined) return repeated;
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal !== "not_found") throw error;
    }
    throw refused;
  }

  async #checkRecipient(publicToken: string): Promise<void> {
    if (await this.#deps.sessions.find(publicToken) !== undefined) return;
    throw new Refused("unknown_recipient", "There is no session with this public token");
  }
}
