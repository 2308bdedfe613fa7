import { PUBLISH_BATCH } from "../../protocol/limits.ts";
import type { Publication } from "../../protocol/requests.ts";
import { formatChannel, parseChannel } from "../../protocol/channel.ts";
import { checkBody } from "../model/content.ts";
import type { Draft } from "../model/message.ts";
import { Refused } from "../model/refused.ts";
import { checkMayAdminister, type Rights } from "../model/rights.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Appended, MessageLog } from "../model/store.ts";

/** What publishing needs. */
export interface PublishingDeps {
  readonly sessions: Sessions;
  readonly log: MessageLog;
}

const USER_ID = /^[^\p{Cc}]{1,128}$/u;

/** Refuses with `invalid_request` what cannot be the id of an application's user. */
export function checkUserId(userId: string): void {
  if (userId.isWellFormed() && USER_ID.test(userId)) return;
  throw new Refused("invalid_request", '"userId" has 1 to 128 characters, no control characters');
}

/** Sends messages of the system. */
export class Publishing {
  readonly #deps: PublishingDeps;

  constructor(deps: PublishingDeps) {
    this.#deps = deps;
  }

  /**
   * Appends messages of the system, all or none, one for each recipient. Keys count for each `origin` apart; with
   * `rights`, the channels must be among those that may be administered. Refuses
   * with `invalid_request`, `not_allowed`, `text_too_long`, `unknown_recipient`, `too_many_messages`, `key_reused` and
   * `store_unavailable`.
   */
  async publish(
    origin: string,
    publications: readonly Publication[],
    rights?: Rights,
  ): Promise<readonly Appended[]> {
    const wanted = publications.flatMap(({ to, ...rest }) =>
      [to].flat().map((recipient) => ({ recipient, ...rest }))
    );
    if (wanted.length === 0) throw new Refused("invalid_request", "There is nothing to publish");
    if (wanted.length > PUBLISH_BATCH) {
      const detail =
        `${wanted.length} messages are too many for one request: ${PUBLISH_BATCH} at most`;
      throw new Refused("too_many_messages", detail);
    }
    for (const body of wanted) checkBody(body);
    const drafts = await Promise.all(
      wanted.map(async ({ recipient, ...body }): Promise<Draft> => {
        const channel = await this.#channelOf(recipient);
        if (rights !== undefined) checkMayAdminister(rights, channel);
        return { ...body, channel, origin: `${origin} ${channel}` };
      }),
    );
    return await this.#deps.log.append(drafts);
  }

  /** Where a recipient finds its messages. */
  async #channelOf(recipient: string): Promise<string> {
    const { sessions } = this.#deps;
    if (recipient === "everyone") return "notice";
    const [, kind, name = ""] = /^(room|session|user):(.*)$/su.exec(recipient) ?? [];
    if (kind === "user") {
      checkUserId(name);
      return `notice:${await sessions.tokenOf(name)}`;
    }
    const channel = kind === "room" ? parseChannel(recipient) : undefined;
    if (channel !== undefined) return formatChannel(channel);
    if (kind !== "session") throw new Refused("invalid_request", complaint(recipient));
    if (await sessions.find(name) !== undefined) return `notice:${name}`;
    throw new Refused(
      "unknown_recipient",
      `There is nobody by the public token "${shorten(name)}"`,
    );
  }
}

function complaint(recipient: string): string {
  return `"${shorten(recipient)}" is no recipient: ` +
    "everyone, room:<name>, session:<publicToken> or user:<user id>";
}

function shorten(word: string): string {
  return word.length > 80 ? `${word.slice(0, 80)}…` : word;
}
