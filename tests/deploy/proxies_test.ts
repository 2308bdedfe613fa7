import { deadline } from "../../server/base/deadline.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { waitUntil } from "../support/wait_until.ts";
import { NodeProcesses } from "./node_processes.ts";
import { Nodes } from "./nodes.ts";
import { isThere, Proxied } from "./proxied.ts";
import { PROXIES } from "./proxies.ts";
import { drip, ended, outcomeOf, request, write } from "./raw_request.ts";
import { Readers } from "./readers.ts";

/** A second is what the tests set; on a busy machine it takes longer (ms). */
const PATIENCE = 30_000;

const there = PROXIES.filter(({ name, program }) => isThere(name, program));

for (const proxy of there) {
  const { name } = proxy;

  Deno.test(`[O62] behind ${name} people sign in, and a poll is held, and answered at once`, async () => {
    await using proxied = await Proxied.start(proxy, await Nodes.open());
    const { chat, nodes } = proxied;
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await bob.poll();
    const reply = bob.poll({ cursor, channels: ["room:tea"], hold: 55_000 });
    await waitUntil(() => nodes.parked === 1, "bob's poll is parked");

    const begin = performance.now();
    assertEquals((await alice.say("room:tea", "hello")).status, 201);

    assertEquals((await reply).messages.map(({ text }) => text), ["hello"]);
    // Far less than any time of the proxy's after which it lets a buffer go.
    console.log(`${name}: from send to reply ${Math.round(performance.now() - begin)} ms`);
    assertEquals([nodes.left.requests > 0, nodes.right.requests > 0], [true, true]);
  });

  Deno.test(`[O63] ${name} cuts off who sends a header too slowly`, async () => {
    await using proxied = await Proxied.start(proxy, await Nodes.open());
    const { left, right } = proxied.nodes;
    using connection = await proxied.connect();

    await deadline(drip(connection, "GET /api/rooms HTTP/1.1\r\nx: ", "x"), PATIENCE);

    assertEquals([left.requests, right.requests], [0, 0]);
  });

  Deno.test(`[O64] ${name} tells Halley the address of the client, whatever the client says`, async () => {
    await using proxied = await Proxied.start(proxy, await Nodes.open());
    using connection = await proxied.connect();
    const forged = "X-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.7\r\n";

    await write(connection, `GET /api/rooms HTTP/1.1\r\nhost: 127.0.0.1\r\n${forged}\r\n`);

    const clients = () => [...proxied.nodes.left.clients, ...proxied.nodes.right.clients];
    await waitUntil(() => clients().length > 0, "the request has come");
    assertEquals(clients(), ["127.0.0.1"]);
  });

  Deno.test(`[O64] ${name} keeps strangers from /metrics, and sends plain HTTP to HTTPS`, async () => {
    await using proxied = await Proxied.start(proxy, await Nodes.open());

    for (const path of ["/metrics", "/ready", "/live"]) {
      assertEquals((await proxied.chat.request("GET", path)).status, 403, path);
    }
    const plain = await fetch(`http://127.0.0.1:${proxied.plainPort}/api/rooms`, {
      redirect: "manual",
    });
    await plain.body?.cancel();
    assertEquals([301, 308].includes(plain.status), true, String(plain.status));
    assertMatch(plain.headers.get("location") ?? "", /^https:\/\/127\.0\.0\.1.*\/api\/rooms$/);
  });

  Deno.test(`[O65] behind ${name} a node that drains is left without an error`, async () => {
    await using proxied = await Proxied.start(proxy, await NodeProcesses.start());
    const { chat, nodes } = proxied;
    const readers = await Readers.start(chat, ["alice", "bob", "carol"]);
    const sender = await chat.signIn("dora");
    const statuses = new Set<number>();
    let sent = 0;
    const send = async () => {
      const { status } = await sender.send({
        channel: "room:tea",
        text: String(sent),
        key: `tea-${sent++}`,
      });
      statuses.add(status);
    };
    let isLeft = false;
    for (let n = 0; n < 10; n++) await send();

    const drained = nodes.left.drain().finally(() => isLeft = true);
    while (!isLeft) await send();
    for (let n = 0; n < 20; n++) await send();

    assertEquals(await drained, 0);
    await readers.have(sent);
    assertEquals([...statuses], [201]);
    readers.end();
    console.log(`${name}: ${sent} messages, and none lost, while a node was left`);
  });
}

// Caddy has no such bound; and it sends the body of a request after its header, so that Deno does not always notice
// when its connection ends.
for (const proxy of there.filter(({ name }) => name !== "Caddy")) {
  const { name } = proxy;

  Deno.test(`[O62] ${name} tells Halley when a client has left`, async () => {
    await using proxied = await Proxied.start(proxy, await Nodes.open());
    const { chat, nodes } = proxied;
    const bob = await chat.signIn("bob");
    const { cursor } = await bob.poll();
    const body = JSON.stringify({ cursor, channels: ["room:tea"], hold: 55_000 });
    const connection = await proxied.connect();
    await write(connection, request("POST", "/api/poll", body, bob));
    await waitUntil(() => nodes.parked === 1, "bob's poll is parked");

    connection.close();

    await waitUntil(() => nodes.parked === 0, "the seat is free");
  });

  Deno.test(`[O63] ${name} cuts off who does not send the body that was announced`, async () => {
    await using proxied = await Proxied.start(proxy, await Nodes.open());
    const { left, right } = proxied.nodes;
    const beginning =
      "POST /api/sessions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99\r\n\r\n{";
    using connection = await proxied.connect();

    await write(connection, beginning);

    await deadline(ended(connection), PATIENCE);
    assertEquals([left.requests, right.requests], [0, 0]);
  });

  Deno.test(`[O63] ${name} bounds the connections of one address`, async () => {
    await using proxied = await Proxied.start(proxy, await Nodes.open());
    const { chat, nodes } = proxied;
    const bob = await chat.signIn("bob");
    const { cursor } = await bob.poll();
    using stack = new DisposableStack();

    const refused: string[] = [];
    for (let n = 0; n < 8; n++) {
      const body = JSON.stringify({ cursor, tab: `t${n}`, hold: 55_000 });
      outcomeOf(proxied, request("POST", "/api/poll", body, bob), stack)
        .then((line) => refused.push(line));
    }

    await waitUntil(() => refused.length >= 4, "half of them are refused");
    assertEquals(refused.filter((line) => line !== "cut off" && !/ 429 /.test(line)), []);
    assertEquals(nodes.parked <= 4, true, String(nodes.parked));
  });
}

Deno.test("[O62] each proxy waits longer than a poll may be held", async () => {
  const patience = async (file: string, pattern: RegExp) => {
    const text = await Deno.readTextFile(new URL(`../../docs/deploy/${file}`, import.meta.url));
    return [...text.matchAll(pattern)].map(([, seconds]) => Number(seconds));
  };

  const times = [
    ...await patience("nginx.conf", /proxy_read_timeout (\d+)s/g),
    ...await patience("haproxy.cfg", /timeout (?:client|server) +(\d+)s/g),
    ...await patience("Caddyfile", /(?:read_body|response_header_timeout) (\d+)s/g),
  ];

  assertEquals(times.length, 5);
  assertEquals(times.filter((seconds) => seconds < 60), []);
});
