import {
  type ReadMarker,
  type SessionStore,
  type SessionUpdate,
  type StoredSession,
  TOKENS_PER_SESSION,
} from "../../core/model/store.ts";
import { digestOfToken } from "../digests.ts";
import { newSalt } from "../epoch_and_salt.ts";
import { NatsBucket } from "./nats_bucket.ts";
import type { JetStream } from "./nats_jetstream.ts";
import type { StreamNames } from "./nats_subjects.ts";

/** Maximum number of sessions that are removed at once, and that are updated concurrently. */
const BATCH_SIZE = 100;

/** The stored format of a session. */
interface SessionRecord extends Omit<StoredSession, "startsAfter"> {
  readonly startsAfter?: number;
  /** Stored by earlier versions instead of `startsAfter`: the id that their legacy page has acknowledged. */
  readonly acknowledged?: number;
  /** Digests of the private tokens, oldest first. */
  readonly digests: readonly string[];
}

/** What the session has chosen for a conversation. */
type StoredSettings = Pick<ReadMarker, "notify" | "isPinned" | "unreadFrom">;

/**
 * The stored format of a session's read markers: by channel, `readUpTo`, `deliveredUpTo`, 1 if it is unanswered, and the
 * settings if there are any.
 */
type ReadMarkersRecord = Readonly<
  Record<string, readonly [number, number, (0 | 1)?, StoredSettings?]>
>;

/**
 * The sessions and read markers in streams of JetStream. A session is written whenever it was seen, so the entry that was
 * written longest ago is the session that was last seen longest ago: `removeInactive` reads no other ones.
 */
export class NatsSessions implements SessionStore {
  readonly salt: string;
  readonly #sessions: NatsBucket<SessionRecord>;
  /** Public tokens by the digest of a private token. */
  readonly #owners: NatsBucket<string>;
  readonly #readMarkers: NatsBucket<ReadMarkersRecord>;
  /** The guests that have made no request since they signed in, in the order of that. */
  readonly #unused: NatsBucket<Pick<StoredSession, "publicToken" | "createdAt">>;

  static async open(jetstream: JetStream, names: StreamNames): Promise<NatsSessions> {
    const salts = new NatsBucket<string>(jetstream, names.records, "salt");
    await salts.modify(
      "salt",
      (salt) => salt === undefined ? newSalt(jetstream.client.runtime) : undefined,
    );
    const salt = await salts.get("salt");
    if (salt === undefined) {
      throw new Error(`the stream ${names.records} has lost what was just written to it`);
    }
    return new NatsSessions(jetstream, names, salt.value);
  }

  private constructor(jetstream: JetStream, names: StreamNames, salt: string) {
    this.salt = salt;
    this.#sessions = new NatsBucket(jetstream, names.sessions);
    this.#owners = new NatsBucket(jetstream, names.records, "owner");
    this.#readMarkers = new NatsBucket(jetstream, names.records, "marks");
    this.#unused = new NatsBucket(jetstream, names.records, "unused");
  }

  async upsert(session: StoredSession, privateToken: string | undefined): Promise<void> {
    const { publicToken, displayName, lastSeen } = session;
    const added = privateToken === undefined ? [] : [digestOfToken(privateToken)];
    // Written first: a token is valid only if its session also has its digest.
    for (const digest of added) await this.#owners.put(digest, publicToken);
    let dropped: readonly string[] = [];
    let isNew = false;
    await this.#sessions.modify(publicToken, (stored) => {
      isNew = stored === undefined;
      const digests = [...stored?.digests ?? [], ...added];
      dropped = digests.slice(0, -TOKENS_PER_SESSION);
      const record = stored === undefined ? session : { ...stored, displayName, lastSeen };
      return { ...record, digests: digests.slice(-TOKENS_PER_SESSION) };
    });
    if (isNew && isUnused(session)) {
      await this.#unused.put(publicToken, { publicToken, createdAt: session.createdAt });
    }
    await this.#removeOwners(dropped);
  }

  async addToken(publicToken: string, privateToken: string): Promise<boolean> {
    const digest = digestOfToken(privateToken);
    let exists = false;
    let dropped: readonly string[] = [];
    await this.#owners.put(digest, publicToken);
    await this.#sessions.modify(publicToken, (stored) => {
      exists = stored !== undefined;
      const digests = [...stored?.digests ?? [], digest];
      dropped = digests.slice(0, -TOKENS_PER_SESSION);
      return stored && { ...stored, digests: digests.slice(-TOKENS_PER_SESSION) };
    });
    await this.#removeOwners(exists ? dropped : [digest]);
    return exists;
  }

  async count(): Promise<number> {
    return await this.#sessions.count();
  }

  async findByPrivateToken(privateToken: string): Promise<StoredSession | undefined> {
    const digest = digestOfToken(privateToken);
    const owner = await this.#owners.get(digest);
    if (owner === undefined) return undefined;
    const find = async () => {
      const record = (await this.#sessions.peek(owner.value))?.value;
      return record?.digests.includes(digest) ? sessionOf(record) : undefined;
    };
    const found = await find();
    if (found !== undefined) return found;
    await this.#sessions.catchUp();
    return await find();
  }

  async findByPublicToken(publicToken: string): Promise<StoredSession | undefined> {
    // An empty word cannot be a key of a bucket.
    const entry = publicToken === "" ? undefined : await this.#sessions.get(publicToken);
    return entry && sessionOf(entry.value);
  }

  async update(updates: readonly SessionUpdate[]): Promise<void> {
    for (let start = 0; start < updates.length; start += BATCH_SIZE) {
      await Promise.all(
        updates.slice(start, start + BATCH_SIZE).map(
          async ({ publicToken, lastSeen, displayName }) => {
            let wasUnused = false;
            await this.#sessions.modify(publicToken, (stored) => {
              wasUnused = stored !== undefined && isUnused(stored);
              return stored && { ...stored, lastSeen, ...(displayName && { displayName }) };
            });
            if (wasUnused) await this.#unused.remove(publicToken);
          },
        ),
      );
    }
  }

  async revokeTokens(publicToken: string, revokedAt: number): Promise<void> {
    let digests: readonly string[] = [];
    await this.#sessions.modify(publicToken, (stored) => {
      digests = stored?.digests ?? [];
      return stored && { ...stored, digests: [], revokedAt };
    });
    await this.#removeOwners(digests);
  }

  async remove(publicToken: string): Promise<void> {
    const entry = await this.#sessions.get(publicToken);
    await this.#sessions.remove(publicToken);
    if (entry !== undefined) await this.#removeRest(entry.value);
  }

  async removeInactive(lastSeenBefore: number): Promise<readonly string[]> {
    const removed: string[] = [];
    while (removed.length < BATCH_SIZE) {
      const oldest = await this.#sessions.oldest();
      if (oldest === undefined || oldest.value.lastSeen >= lastSeenBefore) break;
      // Another node may have seen the session since it was read.
      if (!await this.#sessions.removeRevision(oldest.revision)) continue;
      removed.push(oldest.value.publicToken);
      await this.#removeRest(oldest.value);
    }
    return removed;
  }

  async removeUnused(createdBefore: number): Promise<readonly string[]> {
    const removed: string[] = [];
    while (removed.length < BATCH_SIZE) {
      const oldest = await this.#unused.oldest();
      if (oldest === undefined || oldest.value.createdAt >= createdBefore) break;
      const { publicToken } = oldest.value;
      const session = await this.#sessions.get(publicToken);
      if (session !== undefined && isUnused(session.value)) {
        // Another node may have seen the session since it was read.
        if (!await this.#sessions.removeRevision(session.revision)) continue;
        removed.push(publicToken);
        await this.#removeRest(session.value);
      }
      await this.#unused.remove(publicToken);
    }
    return removed;
  }

  async readMarkers(publicToken: string): Promise<readonly ReadMarker[]> {
    const record = (await this.#readMarkers.peek(publicToken))?.value ?? {};
    return Object.entries(record).map(([channel, entry]) => {
      const [readUpTo, deliveredUpTo, unanswered, settings] = entry;
      return {
        ...{ channel, readUpTo, deliveredUpTo, ...settings },
        ...(unanswered && { isUnanswered: true }),
      };
    });
  }

  async setReadMarker(
    publicToken: string,
    { channel, readUpTo, deliveredUpTo, isUnanswered, ...changed }: ReadMarker,
  ): Promise<void> {
    if (await this.#sessions.get(publicToken) === undefined) return;
    await this.#readMarkers.modify(publicToken, (record = {}) => {
      const before = record[channel];
      const [read, delivered, unanswered, settings] = before ??
        [0, 0, isUnanswered ? 1 : 0] as const;
      const flag = isUnanswered === false ? 0 : unanswered ?? 0;
      const ids = [Math.max(read, readUpTo), Math.max(delivered, deliveredUpTo)] as const;
      const { notify, isPinned, unreadFrom } = { ...settings, ...changed };
      const chosen: StoredSettings = {
        ...(notify && { notify }),
        ...(isPinned && { isPinned }),
        ...(unreadFrom && { unreadFrom }),
      };
      const hasChosen = Object.keys(chosen).length > 0;
      const after = hasChosen
        ? [...ids, flag, chosen] as const
        : flag
        ? [...ids, flag] as const
        : ids;
      const hasChanged = JSON.stringify(before) !== JSON.stringify(after);
      return hasChanged ? { ...record, [channel]: after } : undefined;
    });
  }

  async removeReadMarker(publicToken: string, channel: string): Promise<void> {
    await this.#readMarkers.modify(publicToken, (record = {}) => {
      const { [channel]: removed, ...others } = record;
      return removed && others;
    });
  }

  /** Removes everything else that belongs to a session which was removed. */
  async #removeRest(session: SessionRecord): Promise<void> {
    await this.#readMarkers.remove(session.publicToken);
    await this.#removeOwners(session.digests);
    if (isUnused(session)) await this.#unused.remove(session.publicToken);
  }

  async #removeOwners(digests: readonly string[]): Promise<void> {
    await Promise.all(digests.map((digest) => this.#owners.remove(digest)));
  }
}

function sessionOf(record: SessionRecord): StoredSession {
  const { digests: _, acknowledged = 0, startsAfter = acknowledged, ...session } = record;
  return { ...session, startsAfter };
}

/** Whether a session has made no request since it was created, and belongs to a guest. */
function isUnused({ userId, lastSeen, createdAt }: Omit<StoredSession, "startsAfter">): boolean {
  return userId === undefined && lastSeen === createdAt;
}
