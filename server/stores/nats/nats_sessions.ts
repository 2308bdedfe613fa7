import type { Mark, Session, SessionStore, Touch } from "../../core/store.ts";
import { digestOfToken } from "../token_digest.ts";
import type { Bucket } from "./bucket.ts";
import type { NatsMarks } from "./nats_marks.ts";

/** So many sessions are removed in one step. */
const STEP = 100;

/** So many private tokens of one session count, the newest. */
const TOKENS = 50;

/** What a bucket keeps of a session, under its public token. */
interface Record {
  readonly session: Session;
  /** The digests of its private tokens, the newest last. */
  readonly tokens: readonly string[];
}

/** The buckets that sessions are kept in. */
export interface SessionBuckets {
  readonly sessions: Bucket;
  /** The public token of each digest; a session's own list says which of them count. */
  readonly tokens: Bucket;
}

/** The sessions in key-value buckets. */
export class NatsSessions implements SessionStore {
  readonly salt: string;
  readonly #buckets: SessionBuckets;
  readonly #marks: NatsMarks;

  constructor(salt: string, buckets: SessionBuckets, marks: NatsMarks) {
    this.salt = salt;
    this.#buckets = buckets;
    this.#marks = marks;
  }

  async create(session: Session, privateToken: string): Promise<void> {
    const { publicToken, displayName, lastSeen } = session;
    const digest = digestOfToken(privateToken);
    await this.#buckets.tokens.put(digest, publicToken);
    let dropped: readonly string[] = [];
    await this.#buckets.sessions.change(publicToken, (value) => {
      const old = value === undefined ? { session, tokens: [] } : parseRecord(value);
      const tokens = [...old.tokens, digest];
      dropped = tokens.slice(0, -TOKENS);
      const renewed = { ...old.session, displayName, lastSeen };
      return formatRecord({ session: renewed, tokens: tokens.slice(-TOKENS) });
    });
    await this.#forget(dropped);
  }

  async findByPrivateToken(privateToken: string): Promise<Session | undefined> {
    const digest = digestOfToken(privateToken);
    const owner = await this.#buckets.tokens.get(digest);
    const record = owner && await this.#find(owner.value);
    return record?.tokens.includes(digest) ? record.session : undefined;
  }

  async findByPublicToken(publicToken: string): Promise<Session | undefined> {
    return (await this.#find(publicToken))?.session;
  }

  async touch(touches: readonly Touch[]): Promise<void> {
    await Promise.all(
      touches.map(({ publicToken, ...changes }) =>
        this.#change(publicToken, ({ session, tokens }) => ({
          session: { ...session, ...changes },
          tokens,
        }))
      ),
    );
  }

  async revoke(publicToken: string): Promise<void> {
    let revoked: readonly string[] = [];
    await this.#change(publicToken, ({ session, tokens }) => {
      revoked = tokens;
      return { session, tokens: [] };
    });
    await this.#forget(revoked);
  }

  async remove(publicToken: string): Promise<void> {
    const record = await this.#find(publicToken);
    await this.#buckets.sessions.remove(publicToken);
    await this.#marks.removeAll(publicToken);
    await this.#forget(record?.tokens ?? []);
  }

  /**
   * A session is put anew whenever it was seen: those that were not seen for the longest time come first in the stream
   * of the bucket.
   */
  async removeUnseen(time: number): Promise<readonly string[]> {
    const { sessions } = this.#buckets;
    const removed: string[] = [];
    for (let place = 0; removed.length < STEP;) {
      const oldest = await sessions.oldest(place);
      if (oldest === undefined) break;
      const { session, tokens } = parseRecord(oldest.value);
      if (session.lastSeen >= time) break;
      await sessions.remove(oldest.key, oldest.revision);
      await Promise.all([this.#marks.removeAll(oldest.key), this.#forget(tokens)]);
      removed.push(oldest.key);
      place = oldest.revision;
    }
    return removed;
  }

  marks(publicToken: string): Promise<readonly Mark[]> {
    return this.#marks.of(publicToken);
  }

  async mark(publicToken: string, mark: Mark): Promise<void> {
    if (await this.#find(publicToken) !== undefined) await this.#marks.set(publicToken, mark);
  }

  unmark(publicToken: string, channel: string): Promise<void> {
    return this.#marks.remove(publicToken, channel);
  }

  async #find(publicToken: string): Promise<Record | undefined> {
    const entry = await this.#buckets.sessions.get(publicToken);
    return entry && parseRecord(entry.value);
  }

  /** Changes a session that is there. */
  async #change(publicToken: string, edit: (record: Record) => Record): Promise<void> {
    await this.#buckets.sessions.change(
      publicToken,
      (value) => value === undefined ? undefined : formatRecord(edit(parseRecord(value))),
    );
  }

  async #forget(digests: readonly string[]): Promise<void> {
    await Promise.all(digests.map((digest) => this.#buckets.tokens.remove(digest)));
  }
}

function formatRecord(record: Record): string {
  return JSON.stringify(record);
}

function parseRecord(value: string): Record {
  return JSON.parse(value);
}
