import { assertEquals, assertLessOrEqual } from "@std/assert";
import { CometClient, signIn } from "../../client/comet/halley.ts";
import { ServerProcess } from "../support/server_process.ts";
import { waitUntil } from "../support/wait_until.ts";
import { delay } from "../../server/base/delay.ts";

/** Interval of the heartbeats, and length of the darkness, in ms. */
const HEARTBEAT = 1_000;
const DARKNESS = 6_000;

/** How long (ms) a client may need to be back when the network is. */
const BACK_WITHIN = 20_000;

Deno.test("[C64] a network that is dark without an event is noticed by the missing heartbeats, and the client is back soon", async () => {
  const settings = { STORE: "memory", POLL_HEARTBEAT: String(HEARTBEAT) };
  await using server = await ServerProcess.start({ settings });
  await using network = Network.open(new URL(server.url));
  const { privateToken } = await signIn({ url: server.url, displayName: "alice" });
  using sender = new CometClient({ url: server.url, privateToken });
  using alice = new CometClient({ url: network.url, privateToken, channels: ["room:tea"] });
  const texts: string[] = [];
  alice.on("message", ({ text = "" }) => texts.push(text));
  alice.startWaiting();
  await waitUntil(() => alice.state.name === "connected", "alice is connected");
  await sender.send({ channel: "room:tea", text: "before" });
  await waitUntil(() => texts.length === 1, "alice has the first message");
  // The client watches for heartbeats after the first one.
  await delay(1.5 * HEARTBEAT);

  const start = performance.now();
  network.setDark(true);
  await sender.send({ channel: "room:tea", text: "in the dark" });
  await waitUntil(() => alice.state.name === "connecting", "alice notices the silence");
  const noticed = performance.now();
  await delay(Math.max(0, start + DARKNESS - noticed));
  network.setDark(false);
  const light = performance.now();
  await waitUntil(() => texts.length === 2 && alice.state.name === "connected", "alice is back");

  assertEquals(texts, ["before", "in the dark"]);
  assertLessOrEqual(noticed - start, 4 * HEARTBEAT);
  assertLessOrEqual(performance.now() - light, BACK_WITHIN);
});

/** A TCP proxy. In the dark it forwards nothing, and closes nothing; what was in flight is lost for good. */
class Network implements AsyncDisposable {
  readonly url: string;
  readonly #listener: Deno.TcpListener;
  readonly #target: URL;
  readonly #connections = new Set<{ isDead: boolean; readonly ends: readonly Deno.Conn[] }>();
  #isDark = false;

  private constructor(target: URL) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `http://127.0.0.1:${this.#listener.addr.port}`;
    this.#accept();
  }

  static open(target: URL): Network {
    return new Network(target);
  }

  setDark(isDark: boolean): void {
    this.#isDark = isDark;
    if (isDark) { for (const one of this.#connections) one.isDead = true; }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const { ends } of this.#connections) for (const end of ends) close(end);
    return Promise.resolve();
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) this.#serve(client);
    } catch {
      // Disposed.
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    const { hostname, port } = this.#target;
    const server = await Deno.connect({ hostname, port: Number(port) });
    const connection = { isDead: this.#isDark, ends: [client, server] };
    this.#connections.add(connection);
    const forward = async (from: Deno.Conn, to: Deno.Conn) => {
      const buffer = new Uint8Array(65_536);
      try {
        for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
          if (!connection.isDead) await to.write(buffer.slice(0, n));
        }
      } catch {
        // One of the ends was closed.
      }
      if (!connection.isDead) close(to);
    };
    await Promise.all([forward(client, server), forward(server, client)]);
    for (const end of connection.ends) close(end);
    this.#connections.delete(connection);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
