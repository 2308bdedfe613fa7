import { assertEquals, assertLessOrEqual } from "@std/assert";
import { Logger } from "../../server/base/logger.ts";
import { Listener } from "../../server/http/listener.ts";
import { captureErrors } from "../support/capture_errors.ts";
import { FROM_SOURCES, ServerProcess } from "../support/server_process.ts";
import { waitUntil } from "../support/wait_until.ts";
import { parkPoll, RemoteChat } from "../support/remote_chat.ts";

/** Starts a server that runs out of file descriptors with 100 connections. */
const FEW_DESCRIPTORS = ["sh", "-c", 'ulimit -n 64; exec "$0" "$@"', ...FROM_SOURCES];

Deno.test("[O11] a server that cannot accept connections keeps running, and accepts again when it can", async () => {
  await using halley = await ServerProcess.start({ command: FEW_DESCRIPTORS });
  using chat = new RemoteChat(halley.url);
  {
    using _connections = await IdleConnections.open(halley.url, 100);
    await halley.line(/"event":"accept_failed"/);
  }

  await waitUntil(() => acceptsConnections(halley), "connections are accepted");

  const alice = await chat.signIn("alice");
  assertEquals((await alice.say("room:tea", "hello")).status, 201);
});

Deno.test("[O11] with several workers, too, and says it once for each", async () => {
  await using halley = await ServerProcess.start({
    command: FEW_DESCRIPTORS,
    settings: { WORKERS: "2" },
  });
  {
    using _connections = await IdleConnections.open(halley.url, 100);
    await halley.line(/"event":"accept_failed"/);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }

  await waitUntil(() => acceptsConnections(halley), "connections are accepted");

  assertLessOrEqual(failures(halley), 2 + 2);
});

Deno.test("[O11] it recovers repeatedly, at the same address", async () => {
  await using halley = await ServerProcess.start({ command: FEW_DESCRIPTORS });

  for (let time = 0; time < 3; time++) {
    {
      using _connections = await IdleConnections.open(halley.url, 100);
      await waitUntil(() => failures(halley) > time, "accepting fails");
    }
    await waitUntil(() => acceptsConnections(halley), "connections are accepted");
  }
});

Deno.test("[O11] a poll that was parked before receives its message after", async () => {
  await using halley = await ServerProcess.start({ command: FEW_DESCRIPTORS });
  using chat = new RemoteChat(halley.url);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { reply } = await parkPoll(bob, "room:tea");
  {
    using _connections = await IdleConnections.open(halley.url, 100);
    await halley.line(/"event":"accept_failed"/);
  }
  await waitUntil(() => acceptsConnections(halley), "connections are accepted");

  await alice.say("room:tea", "still there?");

  assertEquals((await reply).messages.map(({ text }) => text), ["still there?"]);
});

Deno.test("[O11] a poll that was parked before is answered when the server stops", async () => {
  await using halley = await ServerProcess.start({
    command: FEW_DESCRIPTORS,
    settings: { DRAIN_DELAY: "0" },
  });
  using chat = new RemoteChat(halley.url);
  const { reply } = await parkPoll(await chat.signIn("bob"), "room:tea");
  {
    using _connections = await IdleConnections.open(halley.url, 100);
    await halley.line(/"event":"accept_failed"/);
  }
  await waitUntil(() => acceptsConnections(halley), "connections are accepted");

  halley.kill("SIGTERM");

  assertEquals((await reply).outcome, "timedout");
  assertEquals((await halley.ended()).code, 0);
});

Deno.test("[O11] a server that cannot accept connections can be stopped", async () => {
  await using halley = await ServerProcess.start({
    command: FEW_DESCRIPTORS,
    settings: { DRAIN_DELAY: "0" },
  });
  using _connections = await IdleConnections.open(halley.url, 100);
  await halley.line(/"event":"accept_failed"/);

  halley.kill("SIGTERM");

  assertEquals((await halley.ended()).code, 0);
});

Deno.test("[O7] disposing a listener causes no uncaught error", async () => {
  const errors: unknown[] = [];
  using _ = captureErrors(errors);

  // The race that caused one happened about once in 300 times.
  for (let time = 0; time < 1_000; time++) {
    const address = { host: "127.0.0.1", port: 0 };
    await using _listener = Listener.open(address, () => new Response(), new Logger("error"));
  }

  assertEquals(errors, []);
});

const REJECTED = [
  Deno.errors.ConnectionRefused,
  Deno.errors.ConnectionReset,
  Deno.errors.NotConnected,
];

/** Connections without requests. */
class IdleConnections implements Disposable {
  readonly #connections: Deno.Conn[] = [];

  /** Ignores connections that the server rejects. */
  static async open(url: string, count: number): Promise<IdleConnections> {
    const opened = new IdleConnections();
    const { hostname, port } = new URL(url);
    for (let n = 0; n < count; n++) {
      try {
        opened.#connections.push(await Deno.connect({ hostname, port: Number(port) }));
      } catch (error) {
        if (!REJECTED.some((kind) => error instanceof kind)) throw error;
      }
    }
    return opened;
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.close();
  }
}

/** Whether the server accepts a new connection. */
async function acceptsConnections({ url }: ServerProcess): Promise<boolean> {
  using chat = new RemoteChat(url);
  try {
    return (await chat.request("GET", "/live")).status === 200;
  } catch {
    return false; // The connection was rejected.
  }
}

function failures(halley: ServerProcess): number {
  return halley.output.match(/"event":"accept_failed"/g)?.length ?? 0;
}
