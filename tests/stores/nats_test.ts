import { HAS_NATS, NATS_SERVER, NEWEST_NATS_SERVER } from "../nodes/nats_cluster.ts";
import { storeContract } from "./contract.ts";
import { NatsServer, openNode } from "./nats_server.ts";
import { nodesContract } from "./nodes_contract.ts";

const installed = { name: "NATS", program: NATS_SERVER, ignore: !HAS_NATS };

/** It stores the messages of an append as a batch, the installed one perhaps one by one. */
const newest = {
  name: "the newest NATS",
  program: NEWEST_NATS_SERVER ?? "",
  ignore: NEWEST_NATS_SERVER === undefined,
};

for (const { name, program, ignore } of [installed, newest]) {
  if (program === NATS_SERVER && name !== installed.name) continue;

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
