import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Retention, Store } from "../../core/model/store.ts";
import { StoreOpenError } from "../store_open_error.ts";
import type { FileStorage } from "../../core/model/file_storage.ts";
import { allowBatches } from "./nats_batches.ts";
import { NatsBus } from "./nats_bus.ts";
import { NatsClient, type NatsConnect, type NatsConnectOptions } from "./nats_client.ts";
import { readDurability } from "./nats_durability.ts";
import { ERROR_CODE, JetStream, JetStreamError } from "./nats_jetstream.ts";
import { NatsFileStorage } from "./nats_file_storage.ts";
import { NatsKeyValue } from "./nats_key_value.ts";
import { NatsLog } from "./nats_log.ts";
import { NatsMarks } from "./nats_marks.ts";
import { NatsQueue } from "./nats_queue.ts";
import { NatsReceipts } from "./nats_receipts.ts";
import { NatsSessions } from "./nats_sessions.ts";
import { prepareFileStream, prepareStreams, renewEpoch } from "./nats_streams.ts";
import { type StreamNames, streamNames } from "./nats_subjects.ts";

/** The default name of a deployment. */
const DEPLOYMENT = "HALLEY";

/** For how long (ms) opening is retried while NATS does not respond, and the delay between attempts. */
const OPEN = { timeout: 15_000, retryDelay: 250 } as const;

/** Options of {@linkcode NatsStore.open}. */
export interface NatsStoreOptions {
  readonly connection: NatsConnectOptions;
  readonly retention: Retention;
  /** Number of replicas of each stream. By default 1 for new streams, and unchanged for existing ones. */
  readonly replicas?: number;
  /** Whether to refuse a cluster that can lose acknowledged messages in a power failure. */
  readonly mustSync?: boolean;
  /** Called at the start with each reason why the cluster can lose messages. */
  readonly onDoubt?: (reason: string) => void;
  /** Distinguishes deployments that use the same servers. A letter, followed by letters and digits. */
  readonly name?: string;
  /** Called if the log was replaced or has lost messages: this process must stop. */
  readonly onLost: (reason: string) => void;
  readonly runtime?: Runtime;
  /** Connects to the servers; by default with the library. */
  readonly connect?: NatsConnect;
}

/** A store in streams of a NATS JetStream cluster, which any number of processes can use at the same time. */
export class NatsStore implements Store {
  readonly log: NatsLog;
  readonly sessions: NatsSessions;
  readonly receipts: NatsReceipts;
  readonly keyValue: NatsKeyValue;
  readonly queue: NatsQueue;
  readonly bus: NatsBus;
  /** Creates the stream that it needs, if there is none. Throws a `StoreOpenError`. */
  readonly openFileStorage: () => Promise<FileStorage>;
  readonly #opened: AsyncDisposableStack;

  /** Connects, and creates the streams that do not exist. Throws a `StoreOpenError`. */
  static async open(options: NatsStoreOptions): Promise<NatsStore> {
    const { connection, retention, replicas, name = DEPLOYMENT, onLost, connect } = options;
    const { runtime = SYSTEM_RUNTIME, mustSync = false, onDoubt } = options;
    try {
      await using opening = new AsyncDisposableStack();
      const client = opening.use(await NatsClient.open(connection, { runtime, connect }));
      const jetstream = new JetStream(client);
      const names = streamNames(name);
      await withRetries(runtime, () => prepareStreams(jetstream, { names, retention, replicas }));
      await withRetries(runtime, () => allowBatches(jetstream, names.log));
      if (mustSync || onDoubt !== undefined) {
        const read = () => readDurability(jetstream, dataStreams(names));
        const { doubts, warnings } = await withRetries(runtime, read);
        if (mustSync && doubts.length > 0) throw new Error(refusalOf(doubts));
        for (const reason of [...doubts, ...warnings]) onDoubt?.(reason);
      }
      const marks = new NatsMarks(jetstream, names.records);
      const logDeps = { jetstream, stream: names.log, retention, marks, onLost };
      const log = opening.use(await withRetries(runtime, () => NatsLog.open(logDeps)));
      const sessions = await withRetries(runtime, () => NatsSessions.open(jetstream, names));
      const bus = opening.use(new NatsBus(client, names.bus));
      const queue = opening.use(new NatsQueue(jetstream, names.tasks));
      return new NatsStore({
        log,
        sessions,
        bus,
        receipts: new NatsReceipts(jetstream, names.receipts),
        keyValue: new NatsKeyValue(jetstream, names),
        queue,
        openFileStorage: async () => {
          try {
            await withRetries(runtime, () => prepareFileStream(jetstream, names, replicas));
            return new NatsFileStorage(jetstream, names);
          } catch (error) {
            throw StoreOpenError.from(connection.servers.join(","), error);
          }
        },
      }, opening.move());
    } catch (error) {
      throw StoreOpenError.from(connection.servers.join(","), error);
    }
  }

  private constructor(
    parts: Omit<NatsStore, "unavailableReason" | typeof Symbol.asyncDispose>,
    opened: AsyncDisposableStack,
  ) {
    this.log = parts.log;
    this.sessions = parts.sessions;
    this.receipts = parts.receipts;
    this.keyValue = parts.keyValue;
    this.queue = parts.queue;
    this.bus = parts.bus;
    this.openFileStorage = parts.openFileStorage;
    this.#opened = opened;
  }

  get unavailableReason(): string | undefined {
    return this.log.unavailableReason;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

/**
 * Returns why the server cannot start over a cluster, and warnings, without changing anything. Throws if the servers do not
 * respond.
 */
export async function checkCluster(
  { connection, mustSync = false }: { connection: NatsConnectOptions; mustSync?: boolean },
): Promise<{ readonly error?: string; readonly warnings: readonly string[] }> {
  await using client = await NatsClient.open(connection);
  const jetstream = new JetStream(client);
  await jetstream.call("INFO");
  const { doubts, warnings } = await readDurability(
    jetstream,
    dataStreams(streamNames(DEPLOYMENT)),
  );
  if (!mustSync || doubts.length === 0) return { warnings: [...doubts, ...warnings] };
  return { error: refusalOf(doubts), warnings };
}

function refusalOf(doubts: readonly string[]): string {
  return `NATS_DURABLE is require: ${doubts.join("; ")}`;
}

/** The streams that must not lose anything. */
function dataStreams(names: StreamNames): readonly string[] {
  const { log, sessions, records, receipts, tasks, files } = names;
  return [log, sessions, records, receipts, tasks, files];
}

/** Gives the log a new epoch, as is necessary after a backup of its stream was restored. Throws a `StoreOpenError`. */
export async function renewEpochAt(
  connection: NatsConnectOptions,
  name = DEPLOYMENT,
): Promise<void> {
  try {
    await using client = await NatsClient.open(connection);
    await renewEpoch(new JetStream(client), streamNames(name).log);
  } catch (error) {
    throw StoreOpenError.from(connection.servers.join(","), error);
  }
}

/** Retries while the cluster does not respond, as when it has just started or is moving streams. */
async function withRetries<T>(runtime: Runtime, work: () => Promise<T>): Promise<T> {
  const end = runtime.fromNow(OPEN.timeout);
  while (true) {
    try {
      return await work();
    } catch (error) {
      const isFinal = !(error instanceof Refused) ||
        error instanceof JetStreamError && error.code !== ERROR_CODE.notNow;
      if (isFinal || runtime.hasPassed(end)) throw error;
      await runtime.delay(OPEN.retryDelay);
    }
  }
}
