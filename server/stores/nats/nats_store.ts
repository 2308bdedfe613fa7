import { randomBytes } from "node:crypto";
import type { StreamInfo } from "@nats-io/jetstream";
import type {
  MessageLog,
  Notebook,
  ReceiptStore,
  SessionStore,
  SignalBus,
  Store,
  TaskQueue,
} from "../../core/store.ts";
import { newEpoch } from "../sqlite_schema.ts";
import { StoreUnusable } from "../store_unusable.ts";
import { Bucket } from "./bucket.ts";
import { type LinkSettings, NatsLink } from "./nats_link.ts";
import { NatsLog } from "./nats_log.ts";
import { NatsMarks } from "./nats_marks.ts";
import { NatsNotebook } from "./nats_notebook.ts";
import { formatNatsPlace, type NatsPlace } from "./nats_place.ts";
import { NatsQueue } from "./nats_queue.ts";
import { NatsReceipts } from "./nats_receipts.ts";
import { NatsSessions } from "./nats_sessions.ts";
import { NatsSignals } from "./nats_signals.ts";
import { ensureStreams, namesOf, type StreamSettings } from "./streams.ts";

/** Where NATS is, and how it is used. */
export type NatsSettings = NatsPlace & Partial<LinkSettings & StreamSettings>;

const HOUR = 3_600_000;

const DEFAULTS = {
  space: "main",
  replicas: 1,
  maxBytes: -1,
  keyAge: HOUR,
  patience: 5_000,
} as const;

/** The parts of a store, as they are opened. */
interface Parts {
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly receipts: ReceiptStore;
  readonly notebook: Notebook;
  readonly queue: TaskQueue;
  readonly signals: SignalBus;
}

/** Log, sessions and all else in NATS JetStream, shared by any number of nodes. */
export class NatsStore implements Store {
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly receipts: ReceiptStore;
  readonly notebook: Notebook;
  readonly queue: TaskQueue;
  readonly signals: SignalBus;
  readonly #open: AsyncDisposableStack;

  /**
   * Opens the store, and makes its streams and buckets if they are not there. Throws `StoreUnusable` when NATS is out
   * of reach, or has them with other settings.
   */
  static async open(settings: NatsSettings): Promise<NatsStore> {
    await using open = new AsyncDisposableStack();
    try {
      const parts = await openParts(open, { ...DEFAULTS, ...settings });
      return new NatsStore(parts, open.move());
    } catch (error) {
      throw StoreUnusable.from(formatNatsPlace(settings), error);
    }
  }

  private constructor(parts: Parts, open: AsyncDisposableStack) {
    this.log = parts.log;
    this.sessions = parts.sessions;
    this.receipts = parts.receipts;
    this.notebook = parts.notebook;
    this.queue = parts.queue;
    this.signals = parts.signals;
    this.#open = open;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync();
  }
}

async function openParts(
  open: AsyncDisposableStack,
  settings: LinkSettings & StreamSettings,
): Promise<Parts> {
  const link = open.use(await NatsLink.open(settings));
  const names = namesOf(settings.space);
  const { prefix } = names;
  const { log, queue } = await ensureStreams(link, names, settings);
  const sessions = await Bucket.open(link, names.sessions);
  const tokens = await Bucket.open(link, names.tokens);
  const state = await Bucket.open(link, names.state);
  const salt = await once(state, "salt", () => randomBytes(32).toString("hex"));
  // A stream that is made anew has lost its past.
  const epoch = await once(state, `epoch.${Date.parse(log.created)}`, newEpoch);
  const { keyAge } = settings;
  return {
    log: open.use(
      await NatsLog.open(link, { ...placesOf(log), prefix: `${prefix}.log`, epoch, keyAge }),
    ),
    sessions: new NatsSessions(salt, { sessions, tokens }, new NatsMarks(state)),
    receipts: new NatsReceipts(link, { stream: names.receipts, prefix: `${prefix}.receipts` }),
    notebook: new NatsNotebook(state),
    queue: open.use(new NatsQueue(link, { ...placesOf(queue), prefix: `${prefix}.queue` })),
    signals: open.use(new NatsSignals(link.connection, `${prefix}.signals`)),
  };
}

function placesOf({ config, created, state }: StreamInfo) {
  return { stream: config.name, created, first: state.first_seq, last: state.last_seq };
}

/** The value that the first who came has put under that key. */
async function once(bucket: Bucket, key: string, make: () => string): Promise<string> {
  return await bucket.change(key, (value) => value === undefined ? make() : undefined) ?? "";
}
