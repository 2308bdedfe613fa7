import { formatChannel, isPublicToken, parseChannel } from "../../protocol/channel.ts";
import type { ExportedSession, ExportLine } from "../../protocol/admin_replies.ts";
import type { Message } from "../../protocol/message.ts";
import { settingsOf } from "../conversations/conversation_lists.ts";
import { checkUserId } from "../conversations/publishing.ts";
import { isMessage } from "../model/change.ts";
import type { FileService } from "../model/files.ts";
import type { Entry } from "../model/message.ts";
import { Refused } from "../model/refused.ts";
import { concerns } from "../model/rights.ts";
import type { Store, StoredSession } from "../model/store.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { storedDevices } from "../sessions/push_devices.ts";
import type { UserIds } from "../sessions/user_ids.ts";

/** What {@linkcode Exports} are constructed from. */
export interface ExportsDeps {
  readonly store: Pick<Store, "log" | "sessions" | "receipts" | "keyValue">;
  readonly sessions: Sessions;
  readonly userIds: UserIds;
  readonly files: Pick<FileService, "listOf">;
}

/** Number of entries of the log that are read at once. */
const PORTION = 200;

/** Exports what is stored of a person or of a room, in portions, as of the moment when the export begins. */
export class Exports {
  readonly #deps: ExportsDeps;

  constructor(deps: ExportsDeps) {
    this.#deps = deps;
  }

  /** All messages of a room. Rejects an address that is not that of a room with `invalid_request`. */
  async room(name: string): Promise<AsyncGenerator<readonly ExportLine[]>> {
    const channel = parseChannel(`room:${name}`);
    if (channel === undefined) {
      throw new Refused("invalid_request", '"room" must be the name of a room, without "room:"');
    }
    const topic = formatChannel(channel);
    const { log } = this.#deps.store;
    return this.#export([], {
      end: await log.newestId(),
      read: async (after) => (await log.read([topic], after, PORTION)).messages,
      isOf: () => true,
    });
  }

  /** What is stored of a session, also of one that has ended. Rejects what is not a public token with `not_found`. */
  async session(publicToken: string): Promise<AsyncGenerator<readonly ExportLine[]>> {
    if (isPublicToken(publicToken)) return await this.#person(publicToken);
    throw new Refused("not_found", "This is not a public token");
  }

  /** What is stored of a user of the application, and waits for the user. */
  async user(userId: string): Promise<AsyncGenerator<readonly ExportLine[]>> {
    checkUserId(userId);
    return await this.#person(await this.#deps.sessions.tokenOf(userId));
  }

  async #person(publicToken: string): Promise<AsyncGenerator<readonly ExportLine[]>> {
    const { store: { log, sessions, receipts, keyValue }, sessions: { guestRights } } = this.#deps;
    const end = await log.newestId();
    const session = await sessions.findByPublicToken(publicToken);
    const head: ExportLine[] = session === undefined ? [] : [{ session: exported(session) }];
    for (const marker of await sessions.readMarkers(publicToken)) {
      const { channel, readUpTo, deliveredUpTo } = marker;
      head.push({ readMarker: { channel, readUpTo, deliveredUpTo, ...settingsOf(marker) } });
    }
    for (const { publicToken: _, ...receipt } of await receipts.list(publicToken)) {
      head.push({ receipt });
    }
    for (const { endpoint, contents, at } of await storedDevices(keyValue, publicToken)) {
      head.push({ pushDevice: { host: new URL(endpoint).host, contents, at } });
    }
    for (const file of await this.#deps.files.listOf(publicToken)) head.push({ file });
    return this.#export(head, {
      end,
      read: (after) => log.scan(after, PORTION),
      isOf: (message) => concerns(message, { publicToken, rights: guestRights }),
    });
  }

  async *#export(
    head: readonly ExportLine[],
    { end, read, isOf }: {
      readonly end: number;
      readonly read: (after: number) => Promise<readonly Entry[]>;
      readonly isOf: (message: Message) => boolean;
    },
  ): AsyncGenerator<readonly ExportLine[]> {
    if (head.length > 0) yield head;
    const users = new Map<string, Promise<string | undefined>>();
    let messages = 0;
    for (let after = 0; after < end;) {
      const entries = await read(after);
      const found = entries.filter((entry) => entry.id <= end && isMessage(entry) && isOf(entry));
      messages += found.length;
      const lines = found.map(async (message) => ({
        message: await this.#identify(message, users),
      }));
      if (lines.length > 0) yield await Promise.all(lines);
      after = entries.at(-1)?.id ?? end;
    }
    yield [{ end: true, messages }];
  }

  /** The message with the user id of its sender, which is looked up once in an export. */
  async #identify(message: Message, users: Map<string, Promise<string | undefined>>) {
    const { from } = message;
    if (from === undefined) return message;
    const { publicToken } = from;
    let found = users.get(publicToken);
    if (found === undefined) users.set(publicToken, found = this.#deps.userIds.find(publicToken));
    const userId = await found;
    return userId === undefined ? message : { ...message, from: { ...from, userId } };
  }
}

function exported(session: StoredSession): ExportedSession {
  const { publicToken, displayName, userId, createdAt, lastSeen } = session;
  return { publicToken, displayName, ...(userId !== undefined && { userId }), createdAt, lastSeen };
}
