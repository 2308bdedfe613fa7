import { connect } from "@nats-io/transport-node";
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { CometClient, HalleyError } from "../../client/comet/halley.ts";
import type { Message } from "../../server/protocol/message.ts";
import { HAS_NATS } from "../nodes/nats_cluster.ts";
import { NatsServer } from "../stores/nats_server.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { ServerProcess } from "../support/server_process.ts";
import { waitUntil } from "../support/wait_until.ts";
import { WallClock } from "../support/wall_clock.ts";
import { replace } from "./support/browser.ts";
import { fixRandom } from "./support/reader.ts";

const HOUR = 3_600_000;
const hello = { channel: "room:tea", text: "hello", key: "k1" };

Deno.test({
  name:
    "[C50] over NATS, where keys last 1 h, a send that got no reply is not delivered twice 2 h later",
  ignore: !HAS_NATS,
  async fn() {
    await using nats = await NatsServer.start();
    const settings = { STORE: `nats://${nats.address}`, LIMITS: "off" };
    await using halley = await ServerProcess.start({ settings });
    using chat = new RemoteChat(halley.url);
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    using network = new BadNetwork();
    using wallClock = new WallClock();
    using _random = fixRandom(0.1);
    using client = new CometClient({ ...alice, url: halley.url });

    const sending = client.send(hello);
    await waitUntil(() => network.lostReplies === 1, "the message is stored and its reply lost");
    await forgetKeys(nats, bob);
    wallClock.offset = 2 * HOUR;
    network.isOffline = false;

    const { code } = await assertRejects(() => sending, HalleyError);
    assertEquals([alice.settings.keyAge, code], [HOUR, "key_expired"]);
    const [stored, ...others] = await historyOf(bob);
    assertEquals([stored?.text, others], ["hello", []]);
    // The store has really forgotten the key.
    const repeated: Message = await (await alice.send(hello)).json();
    assertNotEquals(repeated.id, stored?.id);
  },
});

/** Loses the first reply, and is offline from then on; `fetch` uses it until disposed. */
class BadNetwork implements Disposable {
  lostReplies = 0;
  isOffline = false;
  readonly #fetch = globalThis.fetch;
  readonly #replaced = replace(
    globalThis,
    "fetch",
    (url: string, init: RequestInit) => this.#request(url, init),
  );

  [Symbol.dispose](): void {
    this.#replaced[Symbol.dispose]();
  }

  async #request(url: string, init: RequestInit): Promise<Response> {
    // Bob and the history are not part of it.
    if (!url.endsWith("/api/messages") || "client" in init) return await this.#fetch(url, init);
    if (this.isOffline) throw new TypeError("offline");
    const response = await this.#fetch(url, init);
    if (this.lostReplies > 0) return response;
    await response.arrayBuffer();
    this.lostReplies++;
    this.isOffline = true;
    throw new TypeError("the reply was lost");
  }
}

/** Lets NATS forget keys after 200 ms instead of 1 h, and waits until it has forgotten all that it knows by now. */
async function forgetKeys(nats: NatsServer, bob: RemoteUser): Promise<void> {
  const connection = await connect({ servers: nats.address });
  const { config } = (await connection.request("$JS.API.STREAM.INFO.HALLEY")).json<
    { config: Record<string, unknown> }
  >();
  const shorter = { ...config, duplicate_window: 200_000_000 };
  await connection.request("$JS.API.STREAM.UPDATE.HALLEY", JSON.stringify(shorter));
  await connection.close();
  const send = async (): Promise<number> => {
    const probe = { channel: "room:milk", text: "probe", key: "probe" };
    return (await (await bob.send(probe)).json()).id;
  };
  const first = await send();
  await waitUntil(
    async () => await send() !== first,
    "NATS has forgotten the key of a later message",
  );
}

async function historyOf(user: RemoteUser): Promise<readonly Message[]> {
  const reply = await user.request("GET", "/api/channels/room:tea/messages");
  return (await reply.json()).messages;
}
