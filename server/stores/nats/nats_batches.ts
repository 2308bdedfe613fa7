import { clusterOf, readReports } from "./nats_durability.ts";
import type { JetStream } from "./nats_jetstream.ts";
import type { StreamInfo } from "./nats_stream_info.ts";

/** The level of JetStream's API that has atomic batches: NATS 2.12. */
const BATCH_LEVEL = 2;

/**
 * Lets a stream store atomic batches if all servers of its cluster show that they have them. Earlier versions stop storing
 * a stream with this option, or fail: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-50.md
 */
export async function allowBatches(jetstream: JetStream, stream: string): Promise<void> {
  const info = await jetstream.info(stream);
  if (info.config.allow_atomic || !await haveBatches(jetstream, info)) return;
  await jetstream.call(`STREAM.UPDATE.${stream}`, { ...info.config, allow_atomic: true });
}

async function haveBatches(jetstream: JetStream, { cluster }: StreamInfo): Promise<boolean> {
  const { client } = jetstream;
  const { api } = await jetstream.call<{ readonly api?: { readonly level?: number } }>("INFO");
  if ((api?.level ?? 0) < BATCH_LEVEL) return false;
  if (cluster?.name === undefined) return true;
  const servers = clusterOf(client.server, await readReports(client));
  const names = new Set(servers.map(({ server }) => server.name));
  const holders = [cluster.leader, ...(cluster.replicas ?? []).map(({ name }) => name)];
  return servers.every(({ data }) => (data?.api?.level ?? 0) >= BATCH_LEVEL) &&
    holders.every((name) => name !== undefined && names.has(name));
}
