import type { NatsClient } from "./nats_client.ts";
import { ERROR_CODE, hasErrorCode, type JetStream } from "./nats_jetstream.ts";
import type { StreamInfo } from "./nats_stream_info.ts";

/** What the servers of a cluster say about themselves and the streams. */
export interface ClusterReport {
  /** The server of this connection. */
  readonly connected: { readonly version: string; readonly cluster?: string };
  readonly servers: readonly ServerReport[];
  readonly streams: readonly StreamInfo[];
}

/** The reply of one server to {@linkcode REPORTS}, as far as it is used. */
export interface ServerReport {
  readonly server: { readonly name: string; readonly ver: string; readonly cluster?: string };
  /** Absent without JetStream. */
  readonly data?: {
    readonly config?: { readonly sync_always?: boolean };
    /** The level of JetStream's API, from NATS 2.11 on. */
    readonly api?: { readonly level?: number };
  };
}

/** How durable what a cluster acknowledges is. */
export interface Durability {
  /** Why acknowledged messages can be lost in a power failure, or may be; none if they cannot. */
  readonly doubts: readonly string[];
  /** What else should be changed. */
  readonly warnings: readonly string[];
}

/**
 * A request that all servers of a cluster answer. It belongs to the system account, which must export it to the account of
 * Halley.
 */
const REPORTS = "$SYS.REQ.SERVER.PING.JSZ";

/** Before this version, servers lose messages that newer ones keep: https://jepsen.io/analyses/nats-2.12.1. */
const OLDEST = "2.11.0";
const RECOMMENDED = "2.12.3";

const CAN_LOSE = "a power failure of several machines can lose acknowledged messages. " +
  "See docs/OPERATING.md, Several nodes over NATS";

/** Asks the servers of a cluster how durable the streams are. Those that do not exist are left out. */
export async function readDurability(
  jetstream: JetStream,
  streams: readonly string[],
): Promise<Durability> {
  const { client } = jetstream;
  const [servers, ...infos] = await Promise.all([
    readReports(client),
    ...streams.map((stream) => infoOf(jetstream, stream)),
  ]);
  const found = infos.filter((info) => info !== undefined);
  return durabilityOf({ connected: client.server, servers, streams: found });
}

/** Asks all servers of a cluster to report. Returns none if they do not show that to Halley's account. */
export async function readReports(client: NatsClient): Promise<readonly ServerReport[]> {
  const replies = await client.requestAll(REPORTS, '{"config":true}');
  return replies.map((reply) => reply.json<ServerReport>());
}

/** The servers with JetStream in the cluster of a connection. Those of other clusters that it is connected to have no replicas. */
export function clusterOf(
  { cluster }: ClusterReport["connected"],
  servers: readonly ServerReport[],
): readonly ServerReport[] {
  return servers.filter(({ server, data }) =>
    server.cluster === cluster && data?.config !== undefined
  );
}

/** Judges what a cluster says. */
export function durabilityOf({ connected, servers, streams }: ClusterReport): Durability {
  const own = clusterOf(connected, servers);
  const inMemory = streams.filter(({ config }) => config.storage === "memory");
  const doubts = [
    ...inMemory.map(({ config }) => `The stream ${config.name} is stored in memory: ${CAN_LOSE}`),
    ...syncDoubts(own, streams),
  ];
  return { doubts, warnings: [...versionWarnings(connected, own), ...replicaWarnings(streams)] };
}

function syncDoubts(
  servers: readonly ServerReport[],
  streams: readonly StreamInfo[],
): readonly string[] {
  if (servers.length === 0) {
    return [`Whether the NATS servers sync what they acknowledge cannot be seen: ${CAN_LOSE}`];
  }
  const unsynced = servers.filter(({ data }) => data?.config?.sync_always !== true);
  const reported = servers.map(({ server }) => server.name);
  const unseen = new Set(streams.flatMap(holdersOf).filter((name) => !reported.includes(name)));
  return [
    ...(unsynced.length === 0 ? [] : [
      `The NATS servers ${namesOf(unsynced)} do not sync what they acknowledge ` +
      `(sync_interval is not always): ${CAN_LOSE}`,
    ]),
    ...(unseen.size === 0 ? [] : [
      `Whether the NATS servers ${[...unseen].join(", ")} sync what they acknowledge ` +
      `cannot be seen: ${CAN_LOSE}`,
    ]),
  ];
}

/** The names of the servers that store a stream and run. */
function holdersOf({ cluster }: StreamInfo): readonly string[] {
  const { leader, replicas = [] } = cluster ?? {};
  const followers = replicas.filter(({ offline }) => offline !== true).map(({ name }) => name);
  return leader ? [leader, ...followers] : followers;
}

function versionWarnings(
  connected: ClusterReport["connected"],
  servers: readonly ServerReport[],
): readonly string[] {
  const versions = [connected.version, ...servers.map(({ server }) => server.ver)];
  const old = [...new Set(versions)].filter((version) => isOlder(version, OLDEST));
  if (old.length === 0) return [];
  return [
    `NATS ${old.join(", ")} is older than 2.11: it can lose messages that later versions keep. ` +
    `Use ${RECOMMENDED} or later`,
  ];
}

function replicaWarnings(streams: readonly StreamInfo[]): readonly string[] {
  const single = streams.filter(({ config, cluster }) =>
    config.num_replicas === 1 && cluster?.name !== undefined
  ).map(({ config }) => config.name);
  if (single.length === 0) return [];
  return [
    `Only one server of the cluster stores ${single.join(", ")}: if it fails, nothing can be ` +
    "sent. Set NATS_REPLICAS=3",
  ];
}

function namesOf(servers: readonly ServerReport[]): string {
  return servers.map(({ server }) => server.name).join(", ");
}

function isOlder(version: string, than: string): boolean {
  const [numbers, others] = [version, than].map((text) => text.split(/[.-]/, 3).map(Number));
  for (const [at, other] of (others ?? []).entries()) {
    const number = numbers?.[at] ?? 0;
    if (number !== other) return number < other;
  }
  return false;
}

async function infoOf(jetstream: JetStream, stream: string): Promise<StreamInfo | undefined> {
  try {
    return await jetstream.info(stream);
  } catch (error) {
    if (hasErrorCode(error, ERROR_CODE.noStream)) return undefined;
    throw error;
  }
}
