import type { Retention } from "../../server/core/model/store.ts";
import { NatsStore } from "../../server/stores/nats/nats_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { storeContract } from "./contract.ts";
import { hasNats, NatsServer } from "./nats_server.ts";
import { nodesContract } from "./nodes_contract.ts";

if (hasNats()) {
  let server: NatsServer;
  Deno.test.beforeAll(async () => {
    server = await NatsServer.start();
  });
  Deno.test.afterAll(() => server[Symbol.asyncDispose]());

  /** Each deployment has streams of its own. */
  let deployments = 0;
  const newName = () => `TEST${++deployments}`;

  const open = (name: string, retention: Retention) =>
    NatsStore.open({
      connection: { servers: [server.address], tls: false },
      retention,
      name,
      onLost: (reason) => {
        throw new Error(reason);
      },
    });

  storeContract("NATS", (retention) => open(newName(), retention));

  nodesContract("two connections to NATS", async () => {
    const name = newName();
    return [await open(name, KEEP_ALL), await open(name, KEEP_ALL)];
  });
}
