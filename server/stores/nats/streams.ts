import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { NatsLink } from "./nats_link.ts";

/** What an operator may say about the streams. */
export interface StreamSettings {
  /** Deployments that share NATS have one each; letters, digits, `-` and `_`. */
  readonly space: string;
  /** On how many servers each stream is kept: 1, 3 or 5. */
  readonly replicas: number;
  /** What the log may hold; -1 where only the disk limits it. */
  readonly maxBytes: number;
  /** For how long an idempotency key counts, in ms. */
  readonly keyAge: number;
}

/** The names of a deployment's streams, buckets and subjects. */
export interface Names {
  readonly log: string;
  readonly receipts: string;
  readonly queue: string;
  readonly sessions: string;
  readonly tokens: string;
  readonly state: string;
  /** Every subject begins with it. */
  readonly prefix: string;
}

const NANOSECONDS = 1_000_000;

const NAME_IN_USE = 10_058;

/** The names that belong to a space. */
export function namesOf(space: string): Names {
  const name = `halley_${space}`;
  return {
    log: `${name}_log`,
    receipts: `${name}_receipts`,
    queue: `${name}_queue`,
    sessions: `${name}_sessions`,
    tokens: `${name}_tokens`,
    state: `${name}_state`,
    prefix: `halley.${space}`,
  };
}

/** Those of the streams that are followed, as they are found. */
export interface FollowedStreams {
  readonly log: StreamInfo;
  readonly queue: StreamInfo;
}

/** Makes the streams and buckets that are not there. Throws when one is there with other settings, and says which. */
export async function ensureStreams(
  link: NatsLink,
  names: Names,
  settings: StreamSettings,
): Promise<FollowedStreams> {
  const common = {
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: settings.replicas,
    discard: DiscardPolicy.New,
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: -1,
  };
  const log = {
    ...common,
    name: names.log,
    subjects: [`${names.prefix}.log.>`],
    max_bytes: settings.maxBytes,
    duplicate_window: settings.keyAge * NANOSECONDS,
    // Holes there are at the start alone: ids are dense.
    deny_delete: true,
  };
  const receipts = { ...common, name: names.receipts, subjects: [`${names.prefix}.receipts.>`] };
  const queue = { ...common, name: names.queue, subjects: [`${names.prefix}.queue.>`] };
  const buckets = [names.sessions, names.tokens, names.state].map((bucket) => ({
    ...common,
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    // Whoever signed in on one node may poll on another at once: replicas that are behind must not answer.
    allow_direct: false,
  }));
  for (const config of [receipts, ...buckets]) await ensure(link, config);
  return { log: await ensure(link, log), queue: await ensure(link, queue) };
}

async function ensure(
  link: NatsLink,
  wanted: Partial<StreamConfig> & { name: string },
): Promise<StreamInfo> {
  const { streams } = link.manager;
  const find = () => streams.info(wanted.name);
  const found = await link.ask(() => find().catch(unless(JetStreamApiCodes.StreamNotFound))) ??
    // Another node may make it in this very moment, with other settings.
    await link.ask(() => streams.add(wanted).catch(unless(NAME_IN_USE))) ?? await link.ask(find);
  const differences = differencesOf(wanted, found.config);
  if (differences.length === 0) return found;
  throw new Error(`the stream "${wanted.name}" has ${differences.join(", ")}`);
}

function differencesOf(wanted: object, found: object): string[] {
  const actual = new Map<string, unknown>(Object.entries(found));
  return Object.entries(wanted).flatMap(([name, value]) => {
    const [is, should] = [JSON.stringify(actual.get(name)), JSON.stringify(value)];
    return is === should ? [] : [`${name} ${is} where ${should} is wanted`];
  });
}

function unless(code: number): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof JetStreamApiError) || error.code !== code) throw error;
  };
}
