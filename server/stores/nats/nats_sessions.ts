import type {
  ReadMarker,
  SessionStore,
  SessionUpdate,
  StoredSession,
} from "../../core/model/store.ts";
import type { JetStream } from "./nats_jetstream.ts";
import { NatsBucket } from "./nats_bucket.ts";
import type { StreamNames } from "./nats_subjects.ts";
import { newSalt } from "../epoch_and_salt.ts";
import { digestOfToken } from "../digests.ts";

/** So many private tokens of one session count, the newest. */
const TOKENS = 50;

/** So many sessions are removed in one step, and so many are written at once. */
const STEP = 100;

/** A session as it is kept. */
interface Kept extends Omit<StoredSession, "startsAfter"> {
  readonly startsAfter?: number;
  /** In sessions of earlier versions instead of `startsAfter`: the id that their legacy page has acknowledged. */
  readonly acknowledged?: number;
  /** The digests of its private tokens, the oldest first. */
  readonly digests: readonly string[];
}

/** The marks of a session by channel: read up to, delivered up to. */
type Marks = Readonly<Record<string, readonly [number, number]>>;

/** The sessions in streams of JetStream. */
export class NatsSessions implements SessionStore {
  readonly salt: string;
  readonly #sessions: NatsBucket<Kept>;
  /** Whose a private token is, by its digest. */
  readonly #owners: NatsBucket<string>;
  readonly #marks: NatsBucket<Marks>;

  static async open(jetstream: JetStream, names: StreamNames): Promise<NatsSessions> {
    const salts = new NatsBucket<string>(jetstream, names.records, "salt");
    await salts.modify(["salt"], (salt) => salt === undefined ? newSalt() : undefined);
    const salt = await salts.get("salt");
    if (salt === undefined) {
      throw new Error(`the stream ${names.records} does not keep what it takes`);
    }
    return new NatsSessions(jetstream, names, salt.value);
  }

  private constructor(jetstream: JetStream, names: StreamNames, salt: string) {
    this.salt = salt;
    this.#sessions = new NatsBucket(jetstream, names.sessions);
    this.#owners = new NatsBucket(jetstream, names.records, "owner");
    this.#marks = new NatsBucket(jetstream, names.records, "marks");
  }

  async upsert(session: StoredSession, privateToken: string | undefined): Promise<void> {
    const { publicToken, displayName, lastSeen } = session;
    const added = privateToken === undefined ? [] : [digestOfToken(privateToken)];
    // By itself it opens nothing: what counts is what the session says.
    for (const digest of added) await this.#owners.put([digest], publicToken);
    let dropped: readonly string[] = [];
    await this.#sessions.modify([publicToken], (there) => {
      const digests = [...there?.digests ?? [], ...added];
      dropped = digests.slice(0, -TOKENS);
      const renamed = there === undefined ? session : { ...there, displayName, lastSeen };
      return { ...renamed, digests: digests.slice(-TOKENS) };
    });
    await this.#forgetDigests(dropped);
  }

  async count(): Promise<number> {
    return await this.#sessions.count();
  }

  async findByPrivateToken(privateToken: string): Promise<StoredSession | undefined> {
    const digest = digestOfToken(privateToken);
    const owner = await this.#owners.get(digest);
    const kept = owner && (await this.#sessions.get(owner.value))?.value;
    return kept?.digests.includes(digest) ? sessionOf(kept) : undefined;
  }

  async findByPublicToken(publicToken: string): Promise<StoredSession | undefined> {
    const record = isToken(publicToken) ? await this.#sessions.get(publicToken) : undefined;
    return record && sessionOf(record.value);
  }

  async update(touches: readonly SessionUpdate[]): Promise<void> {
    for (let start = 0; start < touches.length; start += STEP) {
      await Promise.all(
        touches.slice(start, start + STEP).map(({ publicToken, lastSeen }) =>
          this.#sessions.modify([publicToken], (there) => there && { ...there, lastSeen })
        ),
      );
    }
  }

  async revokeTokens(publicToken: string, time: number): Promise<void> {
    let digests: readonly string[] = [];
    await this.#sessions.modify([publicToken], (there) => {
      digests = there?.digests ?? [];
      return there && { ...there, digests: [], revokedAt: time };
    });
    await this.#forgetDigests(digests);
  }

  async remove(publicToken: string): Promise<void> {
    const record = await this.#sessions.get(publicToken);
    await this.#sessions.remove(publicToken);
    await this.#marks.remove(publicToken);
    await this.#forgetDigests(record?.value.digests ?? []);
  }

  /**
   * A session is written whenever it was seen, so the one that was written longest ago is the first whose time is over:
   * no others are looked at.
   */
  async removeInactive(time: number): Promise<readonly string[]> {
    const removed: string[] = [];
    while (removed.length < STEP) {
      const oldest = await this.#sessions.oldest();
      if (oldest === undefined || oldest.value.lastSeen >= time) break;
      const { publicToken, digests } = oldest.value;
      // Another node may have heard of it in this moment.
      if (!await this.#sessions.removeRevision(oldest.revision)) continue;
      removed.push(publicToken);
      await this.#marks.remove(publicToken);
      await this.#forgetDigests(digests);
    }
    return removed;
  }

  async readMarkers(publicToken: string): Promise<readonly ReadMarker[]> {
    const marks = (await this.#marks.get(publicToken))?.value ?? {};
    return Object.entries(marks).map(([channel, [readUpTo, deliveredUpTo]]) => ({
      channel,
      readUpTo,
      deliveredUpTo,
    }));
  }

  async setReadMarker(
    publicToken: string,
    { channel, readUpTo, deliveredUpTo }: ReadMarker,
  ): Promise<void> {
    if (await this.#sessions.get(publicToken) === undefined) return;
    await this.#marks.modify([publicToken], (marks = {}) => {
      const old = marks[channel];
      const [read, delivered] = old ?? [0, 0];
      const moved = [Math.max(read, readUpTo), Math.max(delivered, deliveredUpTo)] as const;
      const hasMoved = old === undefined || moved[0] !== read || moved[1] !== delivered;
      return hasMoved ? { ...marks, [channel]: moved } : undefined;
    });
  }

  async removeReadMarker(publicToken: string, channel: string): Promise<void> {
    await this.#marks.modify([publicToken], (marks = {}) => {
      const { [channel]: old, ...others } = marks;
      return old && others;
    });
  }

  async #forgetDigests(digests: readonly string[]): Promise<void> {
    await Promise.all(digests.map((digest) => this.#owners.remove(digest)));
  }
}

/** Whether it can be the key of a record. */
function isToken(word: string): boolean {
  return word !== "";
}

function sessionOf(kept: Kept): StoredSession {
  const { digests: _, acknowledged = 0, startsAfter = acknowledged, ...session } = kept;
  return { ...session, startsAfter };
}
