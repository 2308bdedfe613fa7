import { assertEquals } from "@std/assert";
import { FROM_SOURCES, ServerProcess } from "../support/server_process.ts";
import { waitUntil } from "../support/wait_until.ts";
import { parkPoll, RemoteChat } from "../support/remote_chat.ts";

/** A Halley that may have so few files and sockets open that 100 connections are too many. */
const CRAMPED = ["sh", "-c", 'ulimit -n 64; exec "$0" "$@"', ...FROM_SOURCES];

Deno.test("[O11] a server that cannot accept connections lives, and answers again when it can", async () => {
  await using halley = await ServerProcess.start({ command: CRAMPED });
  using chat = new RemoteChat(halley.url);
  {
    using _crowd = await Crowd.come(halley.url, 100);
    await halley.line(/"event":"accept_failed"/);
  }

  await waitUntil(() => answersNewcomers(halley), "newcomers are answered");

  const alice = await chat.signIn("alice");
  assertEquals((await alice.say("room:tea", "what a crowd")).status, 201);
});

Deno.test("[O11] it does so again and again, at the same address", async () => {
  await using halley = await ServerProcess.start({ command: CRAMPED });

  for (let time = 0; time < 3; time++) {
    {
      using _crowd = await Crowd.come(halley.url, 100);
      await waitUntil(() => failures(halley) > time, "accepting fails");
    }
    await waitUntil(() => answersNewcomers(halley), "newcomers are answered");
  }
});

Deno.test("[O11] a poll that was parked before gets its message after", async () => {
  await using halley = await ServerProcess.start({ command: CRAMPED });
  using chat = new RemoteChat(halley.url);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { reply } = await parkPoll(bob, "room:tea");
  {
    using _crowd = await Crowd.come(halley.url, 100);
    await halley.line(/"event":"accept_failed"/);
  }
  await waitUntil(() => answersNewcomers(halley), "newcomers are answered");

  await alice.say("room:tea", "still there?");

  assertEquals((await reply).messages.map(({ text }) => text), ["still there?"]);
});

Deno.test("[O11] a poll that was parked before is answered when the server stops", async () => {
  await using halley = await ServerProcess.start({
    command: CRAMPED,
    settings: { DRAIN_DELAY: "0" },
  });
  using chat = new RemoteChat(halley.url);
  const { reply } = await parkPoll(await chat.signIn("bob"), "room:tea");
  {
    using _crowd = await Crowd.come(halley.url, 100);
    await halley.line(/"event":"accept_failed"/);
  }
  await waitUntil(() => answersNewcomers(halley), "newcomers are answered");

  halley.kill("SIGTERM");

  assertEquals((await reply).outcome, "timedout");
  assertEquals((await halley.ended()).code, 0);
});

Deno.test("[O11] a server that cannot accept connections can be stopped", async () => {
  await using halley = await ServerProcess.start({
    command: CRAMPED,
    settings: { DRAIN_DELAY: "0" },
  });
  using _crowd = await Crowd.come(halley.url, 100);
  await halley.line(/"event":"accept_failed"/);

  halley.kill("SIGTERM");

  assertEquals((await halley.ended()).code, 0);
});

const TURNED_AWAY = [
  Deno.errors.ConnectionRefused,
  Deno.errors.ConnectionReset,
  Deno.errors.NotConnected,
];

/** Connections that nobody says anything on. */
class Crowd implements Disposable {
  readonly #connections: Deno.Conn[] = [];

  /** Some of them may be turned away. */
  static async come(url: string, count: number): Promise<Crowd> {
    const crowd = new Crowd();
    const { hostname, port } = new URL(url);
    for (let n = 0; n < count; n++) {
      try {
        crowd.#connections.push(await Deno.connect({ hostname, port: Number(port) }));
      } catch (error) {
        if (!TURNED_AWAY.some((kind) => error instanceof kind)) throw error;
      }
    }
    return crowd;
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.close();
  }
}

/** Whether somebody who has no connection yet is answered. */
async function answersNewcomers({ url }: ServerProcess): Promise<boolean> {
  using newcomer = new RemoteChat(url);
  try {
    return (await newcomer.request("GET", "/live")).status === 200;
  } catch {
    // Turned away.
    return false;
  }
}

function failures(halley: ServerProcess): number {
  return halley.output.match(/"event":"accept_failed"/g)?.length ?? 0;
}
