import { dirname } from "node:path";
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
import { KvDatabase } from "./kv_database.ts";
import { KvFollowers } from "./kv_followers.ts";
import { BUS_HEAD, HEAD, META } from "./kv_keys.ts";
import { KvLog } from "./kv_log.ts";
import { KvKeyValue } from "./kv_key_value.ts";
import { KvQueue } from "./kv_queue.ts";
import { KvReceipts } from "./kv_receipts.ts";
import { KvSessions } from "./kv_sessions.ts";
import { KvWatch } from "./kv_watch.ts";
import { newEpoch, newSalt } from "../random_names.ts";
import { StoreOpenError } from "../store_open_error.ts";

/** The database that Deno Deploy has attached to the application. */
export const ATTACHED = undefined;

/**
 * Which database: the path of a file, the address of a KV Connect server, `:memory:`, or {@linkcode ATTACHED}.
 */
export type KvLocation = string | undefined;

/** A watch does not see what other processes write into a local file: so often (ms) one looks there, and elsewhere. */
const LOOKS = { file: 100, elsewhere: 5_000 } as const;

/** What is made once for a deployment. */
interface Meta {
  readonly epoch: string;
  readonly salt: string;
}

/** Log and sessions in one Deno KV database, which any number of processes use at once. */
export class KvStore implements Store {
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly receipts: ReceiptStore;
  readonly keyValue: KeyValue;
  readonly queue: TaskQueue;
  readonly bus: NodeBus;
  readonly #database: KvDatabase;
  readonly #opened: AsyncDisposableStack;

  /** Opens a database, and makes it if it is not there. Throws `StoreOpenError` when that cannot be. */
  static async open(place: KvLocation, retention: Retention): Promise<KvStore> {
    await using opened = new AsyncDisposableStack();
    try {
      const database = opened.use(new KvDatabase(await openDatabase(place)));
      const meta = await readMeta(database);
      const [log, bus] = await database.getMany<number>([HEAD, BUS_HEAD]);
      const isFile = place !== ATTACHED && !/^https?:/.test(place);
      const parts = {
        database,
        followers: new KvFollowers(database, log?.value ?? 0),
        bus: new KvBus(database, bus?.value ?? 0),
        interval: isFile ? LOOKS.file : LOOKS.elsewhere,
      };
      return new KvStore({ ...parts, meta, retention }, opened.move());
    } catch (error) {
      throw error instanceof StoreOpenError ? error : StoreOpenError.from(nameOf(place), error);
    }
  }

  private constructor(
    { database, followers, bus, interval, meta: { epoch, salt }, retention }: Opened,
    opened: AsyncDisposableStack,
  ) {
    this.#database = database;
    this.#opened = opened;
    const log = new KvLog({ database, followers, epoch, retention });
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
        interval,
        onChange: async ([newest, event]) => {
          await Promise.all([followers.refresh(Number(newest)), bus.refresh(Number(event))]);
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

interface Opened {
  readonly database: KvDatabase;
  readonly followers: KvFollowers;
  readonly bus: KvBus;
  readonly interval: number;
  readonly meta: Meta;
  readonly retention: Retention;
}

async function openDatabase(place: KvLocation): Promise<Deno.Kv> {
  if (typeof Deno.openKv !== "function") {
    throw new StoreOpenError(
      'This Deno has no KV: run it with --unstable-kv, or with "kv" under "unstable" in deno.json; ' +
        "or set STORE to another store",
    );
  }
  if (place !== ATTACHED && !place.startsWith(":") && !/^https?:/.test(place)) {
    await Deno.mkdir(dirname(place), { recursive: true });
  }
  return await Deno.openKv(place);
}

async function readMeta(database: KvDatabase): Promise<Meta> {
  return await database.retry(async () => {
    const entry = await database.get<Meta>(META);
    if (entry.value !== null) return entry.value;
    const meta: Meta = { epoch: newEpoch(), salt: newSalt() };
    const isMade = await database.commit((operation) => operation.check(entry).set(META, meta));
    return isMade === undefined ? undefined : meta;
  });
}

function nameOf(place: KvLocation): string {
  return place === ATTACHED ? "kv" : `kv:${place}`;
}
