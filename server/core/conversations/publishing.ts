import { PUBLISH_BATCH } from "../../protocol/limits.ts";
import type { Speaker } from "../../protocol/message.ts";
import type { Publication } from "../../protocol/requests.ts";
import { formatChannel, isPublicToken, parseChannel } from "../../protocol/channel.ts";
import { appendWithFiles, withIds } from "./attaching.ts";
import type { FileService } from "../model/files.ts";
import { checkBody, storedBody } from "../model/content.ts";
import type { Draft } from "../model/message.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import { checkMayAdminister, type Rights } from "../model/rights.ts";
import type { Conversations } from "./conversations.ts";
import { checkReferences, repetitionOf } from "./references.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { UserIds } from "../sessions/user_ids.ts";
import type { Appended, Store } from "../model/store.ts";

/** What a back end or an administrator may publish. */
export interface PublishingRights {
  /** Only channels that may be administered; without it, all channels. */
  readonly rights?: Rights | undefined;
  /** The names under which messages can be published. */
  readonly speakers?: readonly Speaker[] | undefined;
  /** Whose files the messages can have: a public token. */
  readonly publicToken?: string;
}

/** What {@linkcode Publishing} is constructed from. */
export interface PublishingDeps {
  readonly sessions: Sessions;
  readonly conversations: Pick<Conversations, "openForNotice">;
  readonly store: Pick<Store, "log">;
  readonly userIds: Pick<UserIds, "remember">;
  readonly files: FileService;
}

/** How the address of a user begins. */
const USER = "user:";

const USER_ID = /^[^\p{Cc}]{1,128}$/u;

/** Rejects an invalid user id with `invalid_request`. */
export function checkUserId(userId: string): void {
  if (userId.length <= 2 * 128 && userId.isWellFormed() && USER_ID.test(userId)) return;
  throw new Refused(
    "invalid_request",
    '"userId" must have 1 to 128 characters and no control characters',
  );
}

/** Sends system messages: notices, and messages without a sender in rooms. */
export class Publishing {
  readonly #deps: PublishingDeps;

  constructor(deps: PublishingDeps) {
    this.#deps = deps;
  }

  /**
   * Appends a system message for each recipient: all of them or none. Keys are distinct for each `origin`. Rejects
   * with `invalid_request`, `not_allowed`, `text_too_long`, `unknown_recipient`, `unknown_mention`, `not_found`, `too_many_messages`,
   * `key_reused`, `unknown_file`, `files_unavailable` and `store_unavailable`.
   */
  async publish(
    origin: string,
    publications: readonly Publication[],
    { rights, speakers = [], publicToken: owner = "" }: PublishingRights = {},
  ): Promise<readonly Appended[]> {
    const wanted = publications.flatMap(({ to, ...rest }) => {
      const recipients = [to].flat();
      if (rest.files !== undefined && recipients.length > 1) {
        throw new Refused("invalid_request", '"files" are of one message: name one recipient');
      }
      return recipients.map((recipient) => ({ recipient, ...rest }));
    });
    if (wanted.length === 0) {
      throw new Refused("invalid_request", "The request contains no messages");
    }
    if (wanted.length > PUBLISH_BATCH) {
      const detail =
        `A request can publish at most ${PUBLISH_BATCH} messages, not ${wanted.length}`;
      throw new Refused("too_many_messages", detail);
    }
    for (const { files, ...body } of wanted) checkBody(body, files !== undefined);
    const drafts = await Promise.all(
      wanted.map(async ({ recipient, as: name, files: _, ...body }): Promise<Draft> => {
        const as = name === undefined ? {} : { as: speakerOf(name, speakers) };
        const channel = await this.#channelOf(recipient);
        if (rights !== undefined) checkMayAdminister(rights, channel);
        return { ...as, ...storedBody(body), channel, origin: `${origin} ${channel}` };
      }),
    );
    const { store: { log }, sessions, files } = this.#deps;
    const withFiles = drafts.map((draft, n) => ({ draft, ids: wanted[n]?.files }));
    try {
      await Promise.all(drafts.map((draft) => checkReferences(draft, { log, sessions })));
    } catch (refused) {
      return await repetitionOf(withFiles.map(withIds), { log, refused });
    }
    const appending = appendWithFiles(withFiles, { log, files, owner });
    // A recipient that was named by a user id has it in webhooks, also if the user never connects.
    const others = drafts.flatMap(({ channel }, n) => [
      this.#openNotices(channel),
      this.#rememberUser(channel, wanted[n]?.recipient),
    ]);
    const [appended] = await Promise.all([appending, ...others]);
    return appended;
  }

  async #rememberUser(channel: string, recipient = ""): Promise<void> {
    if (!recipient.startsWith(USER)) return;
    const [, publicToken = ""] = channel.split(":");
    await this.#deps.userIds.remember(publicToken, recipient.slice(USER.length));
  }

  async #openNotices(channel: string): Promise<void> {
    const [, publicToken] = channel.startsWith("notice:") ? channel.split(":") : [];
    if (publicToken === undefined) return;
    await this.#deps.conversations.openForNotice(publicToken).catch(ignoreUnavailable);
  }

  /** The channel in which a recipient gets its messages. */
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
    if (isPublicToken(name) && await sessions.find(name) !== undefined) return `notice:${name}`;
    throw new Refused(
      "unknown_recipient",
      `There is no session with the public token "${shorten(name)}"`,
    );
  }
}

function speakerOf(name: string, speakers: readonly Speaker[]): Speaker {
  const speaker = speakers.find(({ displayName }) => displayName === name);
  if (speaker !== undefined) return speaker;
  const detail = `This key may not publish as "${shorten(name)}": see PUBLISH_AS`;
  throw new Refused("not_allowed", detail);
}

function complaint(recipient: string): string {
  return `"${shorten(recipient)}" is not a valid recipient: ` +
    "use everyone, room:<name>, session:<publicToken> or user:<user id>";
}

function shorten(word: string): string {
  return word.length > 80 ? `${word.slice(0, 80)}…` : word;
}
