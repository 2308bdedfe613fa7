import { storeContract } from "./contract.ts";
import { HAS_NATS, NatsServer, openNode } from "./nats_server.ts";
import { nodesContract } from "./nodes_contract.ts";

const ignore = !HAS_NATS;

let server: NatsServer;
Deno.test.beforeAll(async () => {
  if (!ignore) server = await NatsServer.start();
});
Deno.test.afterAll(async () => {
  if (!ignore) await server[Symbol.asyncDispose]();
});

/** Each test has a deployment of its own. */
let deployments = 0;
const newName = () => `TEST${++deployments}`;

storeContract("NATS", (retention) => openNode(server, { name: newName(), retention }), { ignore });

nodesContract("two connections to NATS", async () => {
  const name = newName();
  return [await openNode(server, { name }), await openNode(server, { name })];
}, { ignore });
