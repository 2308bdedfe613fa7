import { assertEquals } from "@std/assert";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { waitUntil } from "../support/wait_until.ts";
import { HAS_NATS, NatsCluster } from "./nats_cluster.ts";
import { NodeGroup } from "./node_group.ts";

/** More than two pieces of the stream. */
const TEXT = "x".repeat(300_000);

async function upload(url: string, { privateToken }: RemoteUser, key: string): Promise<Response> {
  const headers = { authorization: `Bearer ${privateToken}` };
  const path = `${url}/api/files?name=a&key=${key}`;
  return await fetch(path, { method: "POST", headers, body: TEXT });
}

async function textOf(url: string, { privateToken }: RemoteUser, id: string): Promise<string> {
  const headers = { authorization: `Bearer ${privateToken}` };
  return await (await fetch(`${url}/api/files/${id}`, { headers })).text();
}

Deno.test({
  name: "[O132] all servers over a cluster have the files of each, also while one of NATS is away",
  ignore: !HAS_NATS,
  async fn() {
    await using cluster = await NatsCluster.start();
    const settings = { STORE: cluster.store, NATS_REPLICAS: "3", WORKERS: "2" };
    await using nodes = await NodeGroup.start(2, settings);
    const [left = "", right = ""] = nodes.urls;
    using chat = new RemoteChat(left);
    const alice = await chat.signIn("alice");
    const { id } = await (await upload(left, alice, "one")).json();
    await alice.send({ channel: "room:tea", files: [id] });
    assertEquals(await textOf(right, alice, id), TEXT);

    await cluster.servers[await cluster.leader("HALLEY_FILES") ?? 0]?.kill();
    // Refused as long as there is no leader.
    const answers: Response[] = [];
    await waitUntil(async () => {
      const answer = await upload(right, alice, "two");
      if (answer.ok) answers.push(answer);
      else await answer.body?.cancel();
      return answer.ok;
    }, "a file is stored");

    const second = await answers[0]?.json();
    assertEquals(await textOf(left, alice, second.id), TEXT);
    assertEquals(await textOf(right, alice, id), TEXT);
  },
});
