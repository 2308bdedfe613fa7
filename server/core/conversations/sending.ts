import { formatChannel } from "../../protocol/channel.ts";
import type { RoomEvent } from "../../protocol/message.ts";
import { checkBody, type OutgoingMessage, storedBody } from "../model/content.ts";
import type { FileService } from "../model/files.ts";
import { Refused } from "../model/refused.ts";
import { channelFor, checkMayRead, checkMayWrite, otherOf } from "../model/rights.ts";
import type { Session } from "../model/session.ts";
import type { Appended, MessageLog } from "../model/store.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { appendWithFiles, withIds } from "./attaching.ts";
import type { Claims } from "./claims.ts";
import type { Conversations } from "./conversations.ts";
import { checkReferences, repetitionOf } from "./references.ts";

/** What {@linkcode Sending} is constructed from. */
export interface SendingDeps {
  readonly log: MessageLog;
  readonly sessions: Sessions;
  readonly conversations: Pick<Conversations, "openForPair">;
  readonly claims: Claims;
  readonly files: FileService;
}

/** Takes in the messages and events of sessions. */
export class Sending {
  readonly #deps: SendingDeps;

  constructor(deps: SendingDeps) {
    this.#deps = deps;
  }

  /** Appends a message or an event. It is durable when this resolves. */
  async send(session: Session, outgoing: OutgoingMessage): Promise<Appended> {
    const { event } = outgoing;
    if (event !== undefined) return await this.#sendEvent(session, { ...outgoing, event });
    const { files: ids, ...content } = outgoing;
    checkBody(content, ids !== undefined);
    const channel = channelFor(session.publicToken, outgoing.channel);
    checkMayWrite(session, channel);
    const { log, conversations } = this.#deps;
    const draft = {
      ...storedBody(content),
      channel: formatChannel(channel),
      from: session.person,
    };
    // It tells whether a message is there.
    if (draft.replyTo !== undefined) checkMayRead(session, channel);
    try {
      if (channel.kind === "direct") {
        await this.#checkRecipient(otherOf(channel.pair, session.publicToken));
      }
      const checking = checkReferences(draft, this.#deps);
      if (checking !== undefined) await checking;
    } catch (refused) {
      return onlyOne(await repetitionOf([withIds({ draft, ids })], { log, refused }));
    }
    const owner = session.publicToken;
    const appending = ids === undefined
      ? log.append([draft])
      : appendWithFiles([{ draft, ids }], { ...this.#deps, owner });
    const opening = channel.kind === "direct"
      ? conversations.openForPair(channel.pair, session.publicToken)
      : undefined;
    if (opening === undefined) return onlyOne(await appending);
    const [appended] = await Promise.all([appending, opening]);
    return onlyOne(appended);
  }

  async #sendEvent(
    session: Session,
    { channel, key, event, ...content }: OutgoingMessage & { readonly event: RoomEvent },
  ): Promise<Appended> {
    const [member] = Object.keys(content);
    if (member !== undefined) {
      throw new Refused("invalid_request", `A message with "event" cannot have "${member}"`);
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

function onlyOne([appended]: readonly Appended[]): Appended {
  if (appended === undefined) throw new Error("The log returned no message for a draft");
  return appended;
}
