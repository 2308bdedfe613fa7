import { connect } from "@nats-io/transport-node";
import type { Draft } from "../../server/core/model/message.ts";
import type { Retention } from "../../server/core/model/store.ts";
import type { NatsConnectOptions } from "../../server/stores/nats/nats_client.ts";
import { NatsStore } from "../../server/stores/nats/nats_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import type { NatsServer } from "./nats_server.ts";

export const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

export function tea(text: string, key?: string): Draft {
  return { channel: "room:tea", from: alice, text, ...(key !== undefined && { key }) };
}

/** What differs from a node that keeps everything, and must not lose its log. */
export interface NodeOptions {
  /** Each deployment has streams of its own. */
  readonly name: string;
  readonly retention?: Retention;
  readonly replicas?: number;
  readonly place?: Partial<NatsConnectOptions>;
  readonly onLost?: (reason: string) => void;
}

/** A store as one node has it. */
export function openNode(server: NatsServer, { place, ...options }: NodeOptions) {
  const onLost = (reason: string) => {
    throw new Error(reason);
  };
  return NatsStore.open({
    connection: { servers: [server.address], tls: false, ...place },
    retention: KEEP_ALL,
    onLost,
    ...options,
  });
}

/** Asks JetStream's API, as an operator does with the command line of NATS. */
export async function administer(
  { address }: NatsServer,
  api: string,
  body: unknown = {},
): Promise<void> {
  const connection = await connect({ servers: address });
  await connection.request(`$JS.API.${api}`, JSON.stringify(body));
  await connection.close();
}
