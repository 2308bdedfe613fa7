import { assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { delay } from "../../../server/base/delay.ts";
import { ReaderNetwork } from "./reader_network.ts";

/** A server that sends back what it receives, behind a network. */
class Echo implements AsyncDisposable {
  readonly network: ReaderNetwork;
  readonly #listener: Deno.Listener;
  readonly #serving: Promise<void>;
  /** Number of bytes that the server has received. */
  received = 0;

  static async open(): Promise<Echo> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    return new Echo(listener, await ReaderNetwork.open(port));
  }

  private constructor(listener: Deno.Listener, network: ReaderNetwork) {
    this.network = network;
    this.#listener = listener;
    this.#serving = this.#serve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    this.#listener.close();
    await this.#serving;
  }

  connect(): Promise<Deno.TcpConn> {
    return Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(this.network.url).port) });
  }

  async #serve(): Promise<void> {
    const open: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) open.push(this.#echo(connection));
    } catch {
      // It was closed while it waited.
    }
    await Promise.all(open);
  }

  async #echo(connection: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let size; (size = await connection.read(buffer)) !== null;) {
        this.received += size;
        await connection.write(buffer.subarray(0, size));
      }
    } catch {
      // It was reset.
    }
    connection.close();
  }
}

const NOW = { at: 0, latency: 0 } as const;

async function exchange(connection: Deno.Conn, text: string): Promise<string> {
  await connection.write(new TextEncoder().encode(text));
  let reply = "";
  const buffer = new Uint8Array(65_536);
  while (reply.length < text.length) {
    const size = await connection.read(buffer);
    if (size === null) return `${reply} and the end`;
    reply += new TextDecoder().decode(buffer.subarray(0, size));
  }
  return reply;
}

Deno.test("[K62] without a fault, everything passes unchanged and in order, and so does the end", async () => {
  await using echo = await Echo.open();
  using connection = await echo.connect();
  const text = Array.from({ length: 20_000 }, (_, n) => `${n},`).join("");

  assertEquals(await exchange(connection, text), text);
  await connection.closeWrite();

  assertEquals(await connection.read(new Uint8Array(1)), null);
});

Deno.test("[K62] a cut resets connections, drops what is under way, and new ones work", async () => {
  await using echo = await Echo.open();
  using connection = await echo.connect();
  await exchange(connection, "hello");
  await connection.write(new TextEncoder().encode("lost"));

  await echo.network.inject({ ...NOW, kind: "cut", lasts: 0 });

  await assertRejects(() => connection.read(new Uint8Array(10)), Deno.errors.ConnectionReset);
  assertEquals(echo.received, "hello".length);
  using other = await echo.connect();
  assertEquals(await exchange(other, "again"), "again");
});

Deno.test("[K62] while a reader is offline, its connections are reset, also new ones", async () => {
  await using echo = await Echo.open();
  using connection = await echo.connect();
  await exchange(connection, "hello");

  const offline = echo.network.inject({ ...NOW, kind: "offline", lasts: 300 });

  await assertRejects(() => exchange(connection, "hello"), Deno.errors.ConnectionReset);
  await assertRejects(async () => {
    using other = await echo.connect();
    await exchange(other, "hello");
  });
  await offline;
  using later = await echo.connect();
  assertEquals(await exchange(later, "again"), "again");
});

Deno.test("[K62] a dead connection swallows everything without an error, also after the fault", async () => {
  await using echo = await Echo.open();
  using connection = await echo.connect();
  await exchange(connection, "hello");

  await echo.network.inject({ ...NOW, kind: "dead", lasts: 100 });
  const reply = exchange(connection, "swallowed").catch(() => "reset");

  assertEquals(await Promise.race([reply, delay(300).then(() => "nothing")]), "nothing");
  assertEquals(echo.received, "hello".length);
  using other = await echo.connect();
  assertEquals(await exchange(other, "again"), "again");
  await echo.network[Symbol.asyncDispose]();
  assertEquals(await reply, "reset");
});

Deno.test("[K62] a slow network delays, in both directions, and drops nothing", async () => {
  await using echo = await Echo.open();
  using connection = await echo.connect();
  await exchange(connection, "hello");
  const start = performance.now();

  const slow = echo.network.inject({ at: 0, kind: "slow", lasts: 200, latency: 300 });

  assertEquals(await exchange(connection, "slowly"), "slowly");
  assertGreaterOrEqual(performance.now() - start, 300);
  await slow;
});
