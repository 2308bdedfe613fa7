import type { Retention, Store } from "../core/store.ts";
import { NatsBus } from "./nats_bus.ts";
import { JetStream } from "./nats_jetstream.ts";
import { NatsLink, type NatsPlace } from "./nats_link.ts";
import { NatsLog } from "./nats_log.ts";
import { NatsNotebook } from "./nats_notebook.ts";
import { NatsQueue } from "./nats_queue.ts";
import { NatsReceipts } from "./nats_receipts.ts";
import { NatsSessions } from "./nats_sessions.ts";
import { prepareStreams } from "./nats_streams.ts";
import { namesOf } from "./nats_subjects.ts";
import { StoreUnusable } from "./store_unusable.ts";

/** What the streams of a deployment are called. */
const NAME = "HALLEY";

/** How a store over NATS is opened. */
export interface NatsStoreOptions {
  readonly place: NatsPlace;
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
  readonly notebook: NatsNotebook;
  readonly queue: NatsQueue;
  readonly bus: NatsBus;
  readonly #opened: AsyncDisposableStack;

  /** Connects, and makes what is not there. Throws `StoreUnusable` when that cannot be. */
  static async open(options: NatsStoreOptions): Promise<NatsStore> {
    const { place, retention, replicas, name = NAME, onLost } = options;
    try {
      await using opening = new AsyncDisposableStack();
      const link = opening.use(await NatsLink.open(place));
      const jetstream = new JetStream(link);
      const names = namesOf(name);
      await prepareStreams(jetstream, { names, retention, replicas });
      const log = opening.use(
        await NatsLog.open({ jetstream, stream: names.log, retention, onLost }),
      );
      const sessions = await NatsSessions.open(jetstream, names);
      const bus = opening.use(new NatsBus(link, names.bus));
      return new NatsStore({
        log,
        sessions,
        bus,
        receipts: new NatsReceipts(jetstream, names.receipts),
        notebook: new NatsNotebook(jetstream, names),
        queue: new NatsQueue(jetstream, names.tasks),
      }, opening.move());
    } catch (error) {
      throw StoreUnusable.from(place.servers.join(","), error);
    }
  }

  private constructor(
    parts: Omit<Store, "trouble" | typeof Symbol.asyncDispose> & {
      readonly log: NatsLog;
      readonly sessions: NatsSessions;
      readonly receipts: NatsReceipts;
      readonly notebook: NatsNotebook;
      readonly queue: NatsQueue;
      readonly bus: NatsBus;
    },
    opened: AsyncDisposableStack,
  ) {
    this.log = parts.log;
    this.sessions = parts.sessions;
    this.receipts = parts.receipts;
    this.notebook = parts.notebook;
    this.queue = parts.queue;
    this.bus = parts.bus;
    this.#opened = opened;
  }

  get trouble(): string | undefined {
    return this.log.trouble;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}
