import type { Retention } from "../../core/model/store.ts";
import { newEpoch } from "../epoch_and_salt.ts";
import {
  ERROR_CODE,
  hasErrorCode,
  type JetStream,
  type StreamConfig,
  type StreamInfo,
} from "./nats_jetstream.ts";
import { allSubjects, type StreamNames } from "./nats_subjects.ts";

const DAY = 86_400_000;

/** Receipts are removed by the server after so long (ms). */
const RECEIPT_AGE = 31 * DAY;

/** So many receipts of one session are kept. */
const RECEIPTS = 1_000;

/** What is made of the settings. What the operator may change later is changed; the rest must be as it was made. */
export interface StreamSettings {
  readonly names: StreamNames;
  readonly retention: Retention;
  /** Absent: one where a stream is made, and as many as there are where it is there. */
  readonly replicas: number | undefined;
}

/** Makes the streams that are not there, and checks those that are. Throws an error that says what differs. */
export async function prepareStreams(
  jetstream: JetStream,
  settings: StreamSettings,
): Promise<void> {
  for (const wanted of streamsOf(settings)) await prepare(jetstream, wanted, settings.replicas);
}

/** The life of a log, as its stream's description tells it. */
export function epochOf({ description = "" }: StreamConfig): string | undefined {
  return /^Halley, epoch ([0-9a-z]+)$/.exec(description)?.[1];
}

/** Names a new life of the log. */
export async function renewEpoch(jetstream: JetStream, stream: string): Promise<void> {
  const { config } = await jetstream.info(stream);
  await jetstream.call(`STREAM.UPDATE.${stream}`, { ...config, description: newDescription() });
}

function streamsOf({ names, retention }: StreamSettings): readonly StreamConfig[] {
  const latest = { max_msgs_per_subject: 1, max_age: 0, duplicate_window: nanoseconds(2 * 60_000) };
  return [
    {
      ...common(names.log),
      description: newDescription(),
      max_msgs_per_subject: -1,
      // Keys count for their time, though their messages may be kept for less.
      max_age: nanoseconds(Math.max(retention.maxAgeMs, retention.keyAgeMs)),
      duplicate_window: nanoseconds(retention.keyAgeMs),
      allow_direct: true,
    },
    { ...common(names.sessions), ...latest },
    { ...common(names.records), ...latest },
    {
      ...common(names.receipts),
      ...latest,
      max_msgs_per_subject: RECEIPTS,
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
  wanted: StreamConfig,
  replicas: number | undefined,
): Promise<void> {
  const { name } = wanted;
  const there = await infoOf(jetstream, name);
  if (there !== undefined) return await check(jetstream, { there, wanted, replicas });
  try {
    await jetstream.call(`STREAM.CREATE.${name}`, { ...wanted, num_replicas: replicas ?? 1 });
  } catch (error) {
    // Another node has made it in the same moment.
    if (!hasErrorCode(error, ERROR_CODE.streamNameInUse)) throw error;
    await prepare(jetstream, wanted, replicas);
  }
}

async function infoOf(jetstream: JetStream, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jetstream.info(name);
  } catch (error) {
    if (hasErrorCode(error, ERROR_CODE.noStream)) return undefined;
    throw error;
  }
}

/** What makes a stream another one: to change it would lose what is there, or what is promised. */
const FIXED = [
  "subjects",
  "storage",
  "retention",
  "discard",
  "max_msgs",
  "max_msgs_per_subject",
  "allow_direct",
] as const;

/** What follows the settings. */
const CHANGEABLE = ["max_age", "duplicate_window", "num_replicas"] as const;

async function check(
  jetstream: JetStream,
  { there: { config: there, cluster }, wanted, replicas }: {
    there: StreamInfo;
    wanted: StreamConfig;
    replicas: number | undefined;
  },
): Promise<void> {
  const told = (value: unknown) => JSON.stringify(value ?? null);
  const differing = FIXED.filter((name) => told(there[name] ?? false) !== told(wanted[name]))
    .map((name) => `${name} is ${told(there[name])} instead of ${told(wanted[name])}`);
  const { description } = wanted;
  if (description !== undefined && epochOf(there) === undefined) {
    differing.unshift(`description is ${told(there.description)}: it was not made by Halley`);
  }
  if (differing.length > 0) {
    throw new Error(`the stream ${there.name} has other settings: ${differing.join("; ")}`);
  }
  // A server by itself takes the change, keeps one replica, and refuses the stream when it is started again.
  if (replicas !== undefined && replicas > 1 && cluster === undefined) {
    throw new Error(
      `NATS_REPLICAS is ${replicas}, but the server is in no cluster: replicas > 1 not supported`,
    );
  }
  const given = { ...wanted, num_replicas: replicas };
  const changes = CHANGEABLE.filter((name) => given[name] !== undefined)
    .filter((name) => given[name] !== there[name]);
  if (changes.length === 0) return;
  const changed = Object.fromEntries(changes.map((name) => [name, given[name]]));
  await jetstream.call(`STREAM.UPDATE.${there.name}`, { ...there, ...changed });
}

/** As JetStream counts; what is longer than it can count is for ever, and what is not limited is left as it is. */
function nanoseconds(ms: number): number | undefined {
  if (ms === Infinity) return undefined;
  return ms < 9e12 ? ms * 1e6 : 0;
}

function newDescription(): string {
  return `Halley, epoch ${newEpoch()}`;
}
