import { Refused } from "../../core/model/refused.ts";
import type { Retention, Store } from "../../core/model/store.ts";
import { NatsBus } from "./nats_bus.ts";
import { ERROR_CODE, JetStream, JetStreamError } from "./nats_jetstream.ts";
import { NatsClient, type NatsConnectOptions } from "./nats_client.ts";
import { NatsLog } from "./nats_log.ts";
import { NatsKeyValue } from "./nats_key_value.ts";
import { NatsQueue } from "./nats_queue.ts";
import { NatsReceipts } from "./nats_receipts.ts";
import { NatsSessions } from "./nats_sessions.ts";
import { prepareStreams, renewEpoch } from "./nats_streams.ts";
import { streamNames } from "./nats_subjects.ts";
import { StoreOpenError } from "../store_open_error.ts";

/** What the streams of a deployment are called. */
const NAME = "HALLEY";

/** At the start, NATS may take so long (ms) until it answers; and so long is the pause between two tries. */
const PATIENCE = 15_000;
const PAUSE = 250;

/** How a store over NATS is opened. */
export interface NatsStoreOptions {
  readonly connection: NatsConnectOptions;
  readonly retention: Retention;
  /** How many servers have each stream; absent: as many as there are, and one at first. */
  readonly replicas?: number;
  /** A letter and letters or digits; other deployments over the same servers have other ones. */
  readonly name?: string;
  /** The log is not the one any more that was opened: this process must not go on. */
  readonly onLost: (reason: string) => void;
}

/** Log and sessions in streams of a NATS JetStream cluster, used by any number of processes. */
export class NatsStore implements Store {
  readonly log: NatsLog;
  readonly sessions: NatsSessions;
  readonly receipts: NatsReceipts;
  readonly keyValue: NatsKeyValue;
  readonly queue: NatsQueue;
  readonly bus: NatsBus;
  readonly #opened: AsyncDisposableStack;

  /** Connects, and makes what is not there. Throws `StoreOpenError` when that cannot be. */
  static async open(options: NatsStoreOptions): Promise<NatsStore> {
    const { connection: place, retention, replicas, name = NAME, onLost } = options;
    try {
      await using opening = new AsyncDisposableStack();
      const link = opening.use(await NatsClient.open(place));
      const jetstream = new JetStream(link);
      const names = streamNames(name);
      await patiently(() => prepareStreams(jetstream, { names, retention, replicas }));
      const parts = { jetstream, stream: names.log, retention, onLost };
      const log = opening.use(await patiently(() => NatsLog.open(parts)));
      const sessions = await patiently(() => NatsSessions.open(jetstream, names));
      const bus = opening.use(new NatsBus(link, names.bus));
      const queue = opening.use(new NatsQueue(jetstream, names.tasks));
      return new NatsStore({
        log,
        sessions,
        bus,
        receipts: new NatsReceipts(jetstream, names.receipts),
        keyValue: new NatsKeyValue(jetstream, names),
        queue,
      }, opening.move());
    } catch (error) {
      throw StoreOpenError.from(place.servers.join(","), error);
    }
  }

  private constructor(
    parts: Pick<NatsStore, "log" | "sessions" | "receipts" | "keyValue" | "queue" | "bus">,
    opened: AsyncDisposableStack,
  ) {
    this.log = parts.log;
    this.sessions = parts.sessions;
    this.receipts = parts.receipts;
    this.keyValue = parts.keyValue;
    this.queue = parts.queue;
    this.bus = parts.bus;
    this.#opened = opened;
  }

  get unavailableReason(): string | undefined {
    return this.log.unavailableReason;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

/** Gives the log a new epoch, as after a backup of its stream was restored. Throws `StoreOpenError`. */
export async function renewEpochAt(place: NatsConnectOptions, name = NAME): Promise<void> {
  try {
    await using link = await NatsClient.open(place);
    await renewEpoch(new JetStream(link), streamNames(name).log);
  } catch (error) {
    throw StoreOpenError.from(place.servers.join(","), error);
  }
}

/** Tries again while a cluster that was just started, or makes streams or moves them, does not answer. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + PATIENCE;
  while (true) {
    try {
      return await work();
    } catch (error) {
      const isFinal = !(error instanceof Refused) ||
        error instanceof JetStreamError && error.code !== ERROR_CODE.notNow;
      if (isFinal || performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
