import { assert, assertEquals } from "@std/assert";
import { ServerProcess } from "../support/server_process.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { connectTo, metricOf, residentMegabytes, write } from "./raw_connection.ts";

/** Connections that do one thing and then nothing, until disposed. */
class IdleCrowd implements Disposable {
  readonly #sockets: Deno.TcpConn[] = [];

  static async come(url: string, count: number, words: string): Promise<IdleCrowd> {
    const crowd = new IdleCrowd();
    for (let n = 0; n < count; n++) {
      const socket = await connectTo(url);
      crowd.#sockets.push(socket);
      await write(socket, words);
    }
    return crowd;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.close();
  }
}

async function expectServed({ url }: ServerProcess): Promise<void> {
  using chat = new RemoteChat(url);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll({ channels: ["room:tea"] });
  const reply = bob.poll({ channels: ["room:tea"], cursor });
  await alice.say("room:tea", "hello");
  assertEquals((await reply).messages.length, 1);
}

const WORDS = {
  "nothing": "",
  "half a request line": "POST /api/se",
  "half a header": "POST /api/sessions HTTP/1.1\r\nhost: hal",
  "half a body":
    "POST /api/sessions HTTP/1.1\r\nhost: halley\r\ncontent-type: application/json\r\n" +
    'content-length: 60000\r\n\r\n{"displayName":"ma',
};

for (const [what, words] of Object.entries(WORDS)) {
  Deno.test(`[Y14] hundreds who send ${what} and then wait take some memory, and hold up nobody`, async () => {
    await using halley = await ServerProcess.start({ settings: { STORE: "memory" } });
    const before = await residentMegabytes(halley.url);
    using _crowd = await IdleCrowd.come(halley.url, 300, words);

    await expectServed(halley);

    assert(await residentMegabytes(halley.url) < before + 60);
  });
}

Deno.test("[Y14] a reader that never reads its answers has no more of them made than fit on the way", async () => {
  await using halley = await ServerProcess.start({ settings: { STORE: "memory", LIMITS: "off" } });
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  for (let n = 0; n < 40; n++) await alice.say("room:tea", "x".repeat(8_000));
  const before = await residentMegabytes(halley.url);

  const request = "GET /api/channels/room:tea/messages?limit=40 HTTP/1.1\r\nhost: halley\r\n" +
    `authorization: Bearer ${alice.privateToken}\r\n\r\n`;
  using socket = await connectTo(halley.url);
  const writing = write(socket, request.repeat(2_000));
  await expectServed(halley);

  // All of them would have 640 MB.
  assert(await residentMegabytes(halley.url) < before + 150);
  assert(await metricOf(halley.url, 'halley_store_seconds_count{operation="history"}') < 1_000);
  socket.close();
  await writing;
});

Deno.test("[Y15] no path, header or word is built so that it takes long", async () => {
  await using halley = await ServerProcess.start({
    settings: { STORE: "memory", TRUST_PROXY: "1" },
  });
  const cpu = () => metricOf(halley.url, "process_cpu_seconds_total");
  const long = (word: string) => word.repeat(Math.floor(30_000 / word.length));
  const before = await cpu();
  const visits: [path: string, headers?: Record<string, string>][] = [
    [`/${long("a/")}`],
    [`/${long("%2e%2e/")}`],
    [`/${long("..%2f")}`],
    [`/api/channels/${long("room:")}/messages`],
    [`/api/channels/room:${long("%CC%81")}/messages`],
    [`/?${long("a=&")}`],
    [`/ChatHandler.ashx?${long("privateToken=&")}`],
    ["/", { "accept-encoding": long("gzip;q=0.0000") }],
    ["/", { "accept-encoding": `gzip${long(" ")};` }],
    ["/", { "if-none-match": long('"",') }],
    ["/api/session", { authorization: `Bearer${long(" ")}` }],
    ["/api/session", { authorization: `Bearer ${long("a ")}` }],
    ["/api/session", { authorization: `Bearer ${long("a.")}` }],
    ["/api/session", { "x-forwarded-for": long("1.1.1.1,") }],
    ["/api/session", { "x-forwarded-for": long("[::") }],
    ["/api/session", { origin: `https://${long("a.")}` }],
    ["/api/rooms", { "content-type": `application/${long("a.")}` }],
  ];

  for (let time = 0; time < 10; time++) {
    for (const [path, headers] of visits) {
      const response = await fetch(halley.url + path, { headers: headers ?? {} });
      await response.body?.cancel();
      assert(response.status < 500, path.slice(0, 40));
    }
  }

  // 170 requests of 30 kB each; a pattern that tries everything would take minutes for one of them.
  assert(await cpu() - before < 5);
});
