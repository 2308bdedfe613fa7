import type { Retention } from "../../core/model/store.ts";
import { newEpoch } from "../epoch_and_salt.ts";
import { ERROR_CODE, hasErrorCode, type JetStream } from "./nats_jetstream.ts";
import type { StreamConfig, StreamInfo } from "./nats_stream_info.ts";
import { allSubjects, type StreamNames } from "./nats_subjects.ts";

const DAY = 86_400_000;

/** The server removes receipts after this time in ms. */
const RECEIPT_AGE = 31 * DAY;

/** Maximum number of receipts per session. */
const RECEIPTS_PER_SESSION = 1_000;

/** From what the configuration of the streams follows. */
export interface StreamSettings {
  readonly names: StreamNames;
  readonly retention: Retention;
  /** Absent: 1 for new streams, and unchanged for existing ones. */
  readonly replicas: number | undefined;
}

/**
 * Creates the streams that do not exist. Checks the others: updates what operators can change, and throws an error that
 * names all other differences.
 */
export async function prepareStreams(
  jetstream: JetStream,
  settings: StreamSettings,
): Promise<void> {
  const configs = configsOf(settings, newDescription(jetstream));
  for (const config of configs) await prepare(jetstream, config, settings.replicas);
}

/** Creates the stream of the contents of files, or checks it, like the others. */
export async function prepareFileStream(
  jetstream: JetStream,
  { files }: StreamNames,
  replicas: number | undefined,
): Promise<void> {
  // Not "old": a stream that is full must not drop files that messages have.
  const kept = { discard: "new", max_msgs_per_subject: -1, max_age: 0, allow_direct: true };
  await prepare(jetstream, { ...common(files), ...kept }, replicas);
}

/** The epoch of a log, which is in the description of its stream. */
export function epochOf({ description = "" }: StreamConfig): string | undefined {
  return /^Halley, epoch ([0-9a-z]+)$/.exec(description)?.[1];
}

/** Gives a log a new epoch. */
export async function renewEpoch(jetstream: JetStream, stream: string): Promise<void> {
  const { config } = await jetstream.info(stream);
  await jetstream.call(`STREAM.UPDATE.${stream}`, {
    ...config,
    description: newDescription(jetstream),
  });
}

function configsOf(
  { names, retention }: StreamSettings,
  description: string,
): readonly StreamConfig[] {
  const latest = { max_msgs_per_subject: 1, max_age: 0, duplicate_window: nanoseconds(2 * 60_000) };
  return [
    {
      ...common(names.log),
      description,
      max_msgs_per_subject: -1,
      // Keys must be remembered for their time, even if messages are removed earlier.
      max_age: nanoseconds(Math.max(retention.maxAgeMs, retention.keyAgeMs)),
      duplicate_window: nanoseconds(retention.keyAgeMs),
      allow_direct: true,
    },
    { ...common(names.sessions), ...latest },
    { ...common(names.records), ...latest },
    {
      ...common(names.receipts),
      ...latest,
      max_msgs_per_subject: RECEIPTS_PER_SESSION,
      max_age: nanoseconds(RECEIPT_AGE),
    },
    { ...common(names.tasks), ...latest },
  ];
}

function common(name: string) {
  return {
    name,
    subjects: [allSubjects(name)],
    storage: "file",
    retention: "limits",
    discard: "old",
    max_msgs: -1,
    allow_direct: false,
  };
}

async function prepare(
  jetstream: JetStream,
  config: StreamConfig,
  replicas: number | undefined,
): Promise<void> {
  const { name } = config;
  const existing = await findStream(jetstream, name);
  if (existing !== undefined) return await update(jetstream, { existing, config, replicas });
  try {
    await jetstream.call(`STREAM.CREATE.${name}`, { ...config, num_replicas: replicas ?? 1 });
  } catch (error) {
    // Another node has created it since it was looked up.
    if (!hasErrorCode(error, ERROR_CODE.streamNameInUse)) throw error;
    await prepare(jetstream, config, replicas);
  }
}

async function findStream(jetstream: JetStream, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jetstream.info(name);
  } catch (error) {
    if (hasErrorCode(error, ERROR_CODE.noStream)) return undefined;
    throw error;
  }
}

/** Members of the configuration that cannot change: data or guarantees would be lost. */
const FIXED = [
  "subjects",
  "storage",
  "retention",
  "discard",
  "max_msgs",
  "max_msgs_per_subject",
  "allow_direct",
] as const;

/** Members that follow the settings. */
const CHANGEABLE = ["max_age", "duplicate_window", "num_replicas"] as const;

async function update(
  jetstream: JetStream,
  { existing, config, replicas }: {
    existing: StreamInfo;
    config: StreamConfig;
    replicas: number | undefined;
  },
): Promise<void> {
  checkFixed(existing.config, config);
  // A server outside of a cluster accepts this update, but refuses to load the stream when it restarts.
  if (replicas !== undefined && replicas > 1 && existing.cluster === undefined) {
    throw new Error(
      `NATS_REPLICAS is ${replicas}, but the server is not in a cluster: replicas > 1 not supported`,
    );
  }
  const wanted = { ...config, num_replicas: replicas };
  const changes = CHANGEABLE.filter((name) => wanted[name] !== undefined)
    .filter((name) => wanted[name] !== existing.config[name]);
  if (changes.length === 0) return;
  const changed = Object.fromEntries(changes.map((name) => [name, wanted[name]]));
  await jetstream.call(`STREAM.UPDATE.${config.name}`, { ...existing.config, ...changed });
}

function checkFixed(existing: StreamConfig, config: StreamConfig): void {
  const show = (value: unknown) => JSON.stringify(value ?? null);
  const differences = FIXED
    .filter((name) => show(existing[name] ?? false) !== show(config[name]))
    .map((name) => `${name} is ${show(existing[name])} instead of ${show(config[name])}`);
  if (config.description !== undefined && epochOf(existing) === undefined) {
    const description = show(existing.description);
    differences.unshift(`description is ${description}: it was not created by Halley`);
  }
  if (differences.length === 0) return;
  throw new Error(`the stream ${existing.name} has other settings: ${differences.join("; ")}`);
}

/** Converts a time to JetStream's unit. A time that it cannot represent becomes 0, unlimited; `Infinity` changes nothing. */
function nanoseconds(ms: number): number | undefined {
  if (ms === Infinity) return undefined;
  return ms < 9e12 ? ms * 1e6 : 0;
}

function newDescription({ client }: JetStream): string {
  return `Halley, epoch ${newEpoch(client.runtime)}`;
}
