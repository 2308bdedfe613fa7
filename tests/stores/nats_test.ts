import { NATS_SERVERS } from "../nodes/nats_cluster.ts";
import { storeContract } from "./contract.ts";
import { NatsServer, openNode } from "./nats_server.ts";
import { nodesContract } from "./nodes_contract.ts";

for (const { name, program, ignore } of NATS_SERVERS) {
  let server: NatsServer;
  Deno.test.beforeAll(async () => {
    if (!ignore) server = await NatsServer.run(program);
  });
  Deno.test.afterAll(async () => {
    if (!ignore) await server[Symbol.asyncDispose]();
  });

  /** Each test has a deployment of its own. */
  let deployments = 0;
  const newName = () => `TEST${++deployments}`;

  storeContract(name, (retention) => openNode(server, { name: newName(), retention }), { ignore });

  nodesContract(`two connections to ${name}`, async () => {
    const deployment = newName();
    return [
      await openNode(server, { name: deployment }),
      await openNode(server, { name: deployment }),
    ];
  }, { ignore });
}
