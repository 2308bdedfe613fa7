import { connect } from "@nats-io/transport-node";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import type { Draft } from "../../server/core/model/message.ts";
import type { NatsConnectOptions } from "../../server/stores/nats/nats_client.ts";
import { NatsStore, type NatsStoreOptions } from "../../server/stores/nats/nats_store.ts";
import { HAS_NATS, NATS_SERVER, NEWEST_NATS_SERVER } from "../nodes/nats_cluster.ts";
import { RestartableProcess } from "../nodes/restartable_process.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

/** A NATS server with JetStream, whose data is deleted when it is disposed. */
export class NatsServer implements AsyncDisposable {
  readonly #port = new ReservedPort();
  readonly #folder = TestFolder.make();
  readonly #process: RestartableProcess;

  static start(...args: readonly string[]): Promise<NatsServer> {
    return NatsServer.run(NATS_SERVER, ...args);
  }

  /** Starts a server of another program than the installed one. */
  static async run(program: string, ...args: readonly string[]): Promise<NatsServer> {
    const server = new NatsServer(program, args);
    await server.#process.ready();
    return server;
  }

  private constructor(program: string, args: readonly string[]) {
    const listen = ["-a", "127.0.0.1", "-p", String(this.port)];
    this.#process = new RestartableProcess({
      name: program,
      args: [...listen, "-js", "-sd", this.#folder.path, ...args],
      isReady: () => isListening(this.port),
    });
  }

  get port(): number {
    return this.#port.number;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  restart(): Promise<void> {
    return this.#process.restart();
  }

  /** Stops the server without closing its connections, until the result is disposed. */
  freeze(): Disposable {
    return this.#process.freeze();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    this.#port[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** Defines a test with a NATS server of its own. It is ignored if the machine has none. */
export function natsTest(name: string, run: (server: NatsServer) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !HAS_NATS,
    fn: async () => {
      await using server = await NatsServer.start();
      await run(server);
    },
  });
}

/** Defines a test with a NATS server of version 2.12 or later. It is ignored if the machine has none. */
export function newestNatsTest(name: string, run: (server: NatsServer) => Promise<void>): void {
  Deno.test({
    name,
    ignore: NEWEST_NATS_SERVER === undefined,
    fn: async () => {
      await using server = await NatsServer.run(NEWEST_NATS_SERVER ?? "");
      await run(server);
    },
  });
}

export const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

export function tea(text: string, key?: string): Draft {
  return { channel: "room:tea", from: alice, text, ...(key !== undefined && { key }) };
}

/** By default, a node keeps everything, and a lost log is an error. */
export interface NodeOptions extends Partial<Omit<NatsStoreOptions, "connection">> {
  readonly connection?: Partial<NatsConnectOptions>;
}

/** Opens a store for one node. */
export function openNode(
  server: NatsServer,
  { connection, ...options }: NodeOptions = {},
): Promise<NatsStore> {
  return NatsStore.open({
    connection: { servers: [server.address], tls: false, ...connection },
    retention: KEEP_ALL,
    onLost: (reason) => {
      throw new Error(reason);
    },
    ...options,
  });
}

/** Calls JetStream's API, as an operator can. Returns the reply. */
export async function administer<Reply>(
  { address }: NatsServer,
  method: string,
  body: unknown = {},
): Promise<Reply> {
  const connection = await connect({ servers: address });
  const reply = await connection.request(`$JS.API.${method}`, JSON.stringify(body));
  await connection.close();
  return reply.json<Reply>();
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
