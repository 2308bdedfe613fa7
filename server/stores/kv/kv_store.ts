import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import type {
  KeyValue,
  MessageLog,
  NodeBus,
  ReceiptStore,
  Retention,
  SessionStore,
  Store,
  TaskQueue,
} from "../../core/model/store.ts";
import { KvBus } from "./kv_bus.ts";
import { type KvConnection, KvDatabase } from "./kv_database.ts";
import { KvFollowers } from "./kv_followers.ts";
import { BUS_HEAD, HEAD, META } from "./kv_keys.ts";
import { KvLog } from "./kv_log.ts";
import { KvKeyValue } from "./kv_key_value.ts";
import { fileByPattern } from "./kv_patterns.ts";
import { KvQueue } from "./kv_queue.ts";
import { KvReceipts } from "./kv_receipts.ts";
import { KvSessions } from "./kv_sessions.ts";
import { KvTrimmer } from "./kv_trimmer.ts";
import { KvWatch } from "./kv_watch.ts";
import { newEpoch, newSalt } from "../epoch_and_salt.ts";
import { createPrivateFile, createPrivateFolder } from "../private_files.ts";
import { StoreOpenError } from "../store_open_error.ts";

/** The database that Deno Deploy provides for the application. */
export const ATTACHED = undefined;

/** The path of a file, the URL of a KV Connect server, `:memory:`, or {@linkcode ATTACHED}. */
export type KvLocation = string | undefined;

/** How often keys are polled, in ms. A watch does not see what other processes write to a local file. */
const POLL_INTERVAL = { file: 100, server: 5_000 } as const;

/** Where the time and the database come from; by default from Deno. */
export interface KvPlatform {
  readonly runtime?: Runtime;
  readonly openKv?: (location: KvLocation) => Promise<KvConnection>;
}

/** Generated once per deployment. */
interface Meta {
  readonly epoch: string;
  readonly salt: string;
}

/** A store in one Deno KV database, which any number of processes can use at the same time. */
export class KvStore implements Store {
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly receipts: ReceiptStore;
  readonly keyValue: KeyValue;
  readonly queue: TaskQueue;
  readonly bus: NodeBus;
  readonly #database: KvDatabase;
  readonly #opened: AsyncDisposableStack;

  /** Opens a database, and creates it if needed. Throws a `StoreOpenError`. */
  static async open(
    location: KvLocation,
    retention: Retention,
    { runtime = SYSTEM_RUNTIME, openKv = openDatabase }: KvPlatform = {},
  ): Promise<KvStore> {
    await using opened = new AsyncDisposableStack();
    try {
      const database = opened.use(new KvDatabase(await openKv(location), runtime));
      const meta = await readMeta(database);
      const trimmer = new KvTrimmer(database, retention);
      await trimmer.prepare();
      await fileByPattern(database);
      const [log, bus] = await database.getMany<number>([HEAD, BUS_HEAD]);
      const isFile = location !== ATTACHED && !/^https?:/.test(location);
      const deps = {
        database,
        followers: new KvFollowers(database, log?.value ?? 0),
        bus: new KvBus(database, bus?.value ?? 0),
        pollInterval: isFile ? POLL_INTERVAL.file : POLL_INTERVAL.server,
        meta,
        trimmer,
        keyAgeMs: retention.keyAgeMs,
      };
      return new KvStore(deps, opened.move());
    } catch (error) {
      throw error instanceof StoreOpenError ? error : StoreOpenError.from(nameOf(location), error);
    }
  }

  private constructor(
    { database, followers, bus, pollInterval, meta: { epoch, salt }, trimmer, keyAgeMs }:
      KvStoreDeps,
    opened: AsyncDisposableStack,
  ) {
    this.#database = database;
    this.#opened = opened;
    const log = new KvLog({ database, followers, epoch, trimmer, keyAgeMs, salt });
    this.log = log;
    this.sessions = new KvSessions(database, salt);
    this.receipts = new KvReceipts(database);
    this.keyValue = new KvKeyValue(database);
    this.queue = new KvQueue(database);
    this.bus = opened.use(bus);
    opened.defer(() => log.finish());
    opened.use(
      new KvWatch(database, {
        keys: [HEAD, BUS_HEAD],
        pollInterval,
        onChange: async ([newestId, newestBatch]) => {
          await Promise.all([
            followers.refresh(Number(newestId)),
            bus.refresh(Number(newestBatch)),
          ]);
        },
      }),
    );
  }

  get unavailableReason(): string | undefined {
    return this.#database.unavailableReason;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

interface KvStoreDeps {
  readonly database: KvDatabase;
  readonly followers: KvFollowers;
  readonly bus: KvBus;
  readonly pollInterval: number;
  readonly meta: Meta;
  readonly trimmer: KvTrimmer;
  readonly keyAgeMs: number;
}

async function openDatabase(location: KvLocation): Promise<Deno.Kv> {
  if (typeof Deno.openKv !== "function") {
    throw new StoreOpenError(
      'This Deno has no KV: run it with --unstable-kv, or with "kv" under "unstable" in deno.json; ' +
        "or set STORE to another store",
    );
  }
  if (location !== ATTACHED && !location.startsWith(":") && !/^https?:/.test(location)) {
    createPrivateFolder(location);
    createPrivateFile(location);
  }
  return await Deno.openKv(location);
}

async function readMeta(database: KvDatabase): Promise<Meta> {
  return await database.retry(async () => {
    const entry = await database.get<Meta>(META);
    if (entry.value !== null) return entry.value;
    const meta: Meta = { epoch: newEpoch(database.runtime), salt: newSalt(database.runtime) };
    const committed = await database.commit((operation) => operation.check(entry).set(META, meta));
    return committed === undefined ? undefined : meta;
  });
}

function nameOf(location: KvLocation): string {
  return location === ATTACHED ? "kv" : `kv:${location}`;
}
