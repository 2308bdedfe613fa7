import { assert, assertEquals } from "@std/assert";
import { ServerProcess } from "../support/server_process.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { connectTo, metricOf, residentMegabytes, write } from "./raw_connection.ts";

/** Connections that send a text and then nothing, until disposed. */
class StalledConnections implements Disposable {
  readonly #sockets: Deno.TcpConn[] = [];

  static async open(url: string, count: number, text: string): Promise<StalledConnections> {
    const opened = new StalledConnections();
    for (let n = 0; n < count; n++) {
      const socket = await connectTo(url);
      opened.#sockets.push(socket);
      await write(socket, text);
    }
    return opened;
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

const PARTIAL_REQUESTS = {
  "nothing": "",
  "half a request line": "POST /api/se",
  "half a header": "POST /api/sessions HTTP/1.1\r\nhost: hal",
  "half a body":
    "POST /api/sessions HTTP/1.1\r\nhost: halley\r\ncontent-type: application/json\r\n" +
    'content-length: 60000\r\n\r\n{"displayName":"ma',
};

for (const [name, text] of Object.entries(PARTIAL_REQUESTS)) {
  Deno.test(`[Y14] hundreds of connections that send ${name} and then stall use little memory, and block no other client`, async () => {
    await using halley = await ServerProcess.start({ settings: { STORE: "memory" } });
    const before = await residentMegabytes(halley.url);
    using _connections = await StalledConnections.open(halley.url, 300, text);

    await expectServed(halley);

    assert(await residentMegabytes(halley.url) < before + 60);
  });
}

Deno.test("[Y14] for a client that does not read responses, only as many are produced as fit into buffers", async () => {
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

  // All responses together would have 640 MB.
  assert(await residentMegabytes(halley.url) < before + 150);
  assert(await metricOf(halley.url, 'halley_store_seconds_count{operation="history"}') < 1_000);
  socket.close();
  await writing;
});

Deno.test("[Y15] no crafted path or header takes long to parse", async () => {
  await using halley = await ServerProcess.start({
    settings: { STORE: "memory", TRUST_PROXY: "1" },
  });
  const cpu = () => metricOf(halley.url, "process_cpu_seconds_total");
  const long = (word: string) => word.repeat(Math.floor(30_000 / word.length));
  const before = await cpu();
  const requests: [path: string, headers?: Record<string, string>][] = [
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
    for (const [path, headers] of requests) {
      const response = await fetch(halley.url + path, { headers: headers ?? {} });
      await response.body?.cancel();
      assert(response.status < 500, path.slice(0, 40));
    }
  }

  // 170 requests of 30 kB each. A regular expression with backtracking would take minutes for one of them.
  assert(await cpu() - before < 5);
});
