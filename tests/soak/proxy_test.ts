import { assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { delay } from "../../server/base/delay.ts";
import { type Fault, Faults } from "../../server/commands/soak/faults.ts";
import { Proxy } from "../../server/commands/soak/proxy.ts";
import { HOLD_BACK } from "../../server/commands/soak/strict_reader.ts";

/** An echo server behind a proxy that injects one kind of fault wherever it can. */
class ProxiedServer implements AsyncDisposable {
  readonly faults: Faults;
  /** The bodies of the requests that the server received, in order. */
  readonly received: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #proxy: Proxy;

  constructor(fault?: Fault) {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      const text = await request.text();
      this.received.push(text);
      return new Response(`received ${text}`);
    });
    this.faults = new Faults(fault === undefined ? [] : [fault], 1);
    this.faults.start();
    const target = new URL(`http://127.0.0.1:${this.#server.addr.port}/chat`);
    this.#proxy = new Proxy({ target, faults: this.faults, seed: 1 });
  }

  get url(): string {
    return this.#proxy.url;
  }

  /** Sends a text on its own connection, and returns the body of the response. */
  async post(text: string, { signal, ...headers }: PostOptions = {}): Promise<string> {
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const request = { method: "POST", body: text, headers, client, signal: signal ?? null };
    return await (await fetch(this.url, request)).text();
  }

  /** Sends a text, and returns the bytes that arrive, and how they end: `open`, `closed` or the name of an error. */
  async postRaw(body: string): Promise<RawResult> {
    const head = `POST /chat/ HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`;
    const buffer = new Uint8Array(10_000);
    const end = new AbortController();
    const timeout = delay(500, end.signal);
    let text = "";
    try {
      using socket = await Deno.connect({ port: Number(new URL(this.url).port) });
      await socket.write(new TextEncoder().encode(head + body));
      while (true) {
        const size = await Promise.race([socket.read(buffer), timeout]);
        if (typeof size !== "number") return { text, end: size === null ? "closed" : "open" };
        text += new TextDecoder().decode(buffer.subarray(0, size));
      }
    } catch (error) {
      return { text, end: error instanceof Error ? error.name : "" };
    } finally {
      end.abort();
    }
  }

  postRawOften(): Promise<RawResult[]> {
    return Promise.all(Array.from({ length: OFTEN }, () => this.postRaw("tea")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.faults.stop();
    await this.#proxy[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}

interface RawResult {
  readonly text: string;
  readonly end: string;
}

interface PostOptions {
  readonly signal?: AbortSignal;
  readonly [HOLD_BACK.name]?: string;
}

/** Each request draws one of seven kinds of fault: so many requests draw the enabled one at least once. */
const OFTEN = 40;

Deno.test("[K9] without faults the proxy forwards requests unchanged, several on one connection", async () => {
  await using server = new ProxiedServer();
  using client = Deno.createHttpClient({});
  const long = "ä".repeat(200_000);

  for (const body of ["tea", "", long, "milk"]) {
    const response = await fetch(`${server.url}x?y`, { method: "POST", body, client });
    assertEquals(await response.text(), `received ${body}`);
  }
  assertEquals(server.received, ["tea", "", long, "milk"]);
});

Deno.test("[K9] cut-before: the server has responded, but the client receives nothing", async () => {
  await using server = new ProxiedServer("cut-before");

  const results = await server.postRawOften();

  const empty = results.filter(({ text }) => text === "");
  assertEquals(server.received.length, OFTEN);
  assertGreaterOrEqual(empty.length, 1);
  assertEquals(server.faults.counts, { "cut-before": empty.length });
});

Deno.test("[K9] foreign: the server has responded, but the client receives something else", async () => {
  await using server = new ProxiedServer("foreign");

  const results = await server.postRawOften();

  const foreign = results.filter(({ text }) => !text.endsWith("received tea"));
  assertEquals(server.received.length, OFTEN);
  assertGreaterOrEqual(foreign.length, 1);
  assertEquals(server.faults.counts, { foreign: foreign.length });
});

Deno.test("[K16] gate: for a moment something else answers, and the server receives nothing", async () => {
  await using server = new ProxiedServer("gate");
  const texts: string[] = [];

  while (server.faults.total === 0) texts.push((await server.postRaw("tea")).text);
  for (let n = 0; n < 3; n++) texts.push((await server.postRaw("tea")).text);

  const passed = texts.filter((text) => text.endsWith("received tea"));
  assertEquals(server.received.length, passed.length);
  assertGreaterOrEqual(texts.length - passed.length, 1);
});

Deno.test("[K9] cut-within: the server has responded, but the client receives only a part of the body", async () => {
  await using server = new ProxiedServer("cut-within");

  const results = await server.postRawOften();

  const partial = results.filter(({ text }) => !text.endsWith("received tea"));
  assertEquals(partial.every(({ text }) => text.includes("\r\n\r\n")), true);
  assertEquals(server.received.length, OFTEN);
  assertGreaterOrEqual(partial.length, 1);
  assertEquals(server.faults.counts, { "cut-within": partial.length });
});

Deno.test("[K9] cut-after: the response is complete, and the connection is closed", async () => {
  await using server = new ProxiedServer("cut-after");

  const results = await server.postRawOften();

  const closed = results.filter(({ end }) => end === "closed");
  assertEquals(results.every(({ text }) => text.endsWith("received tea")), true);
  assertGreaterOrEqual(closed.length, 1);
  assertEquals(server.faults.counts, { "cut-after": closed.length });
});

Deno.test("[K9] reset: for a moment every connection is reset, and the server receives nothing", async () => {
  await using server = new ProxiedServer("reset");
  let count = 0;
  let end = "";

  while (server.faults.total === 0) ({ end } = await server.postRaw(`tea ${++count}`));

  assertEquals(end, "ConnectionReset");
  assertEquals(server.received.includes(`tea ${count}`), false);
  while (!server.received.includes("later")) await server.postRaw("later");
});

Deno.test("[K9] half-open: neither a response nor an end arrives until the client gives up", async () => {
  await using server = new ProxiedServer("half-open");

  const signal = AbortSignal.timeout(500);
  const responses = Array.from({ length: OFTEN }, (_, n) => server.post(`tea ${n}`, { signal }));
  const failed = (await Promise.allSettled(responses)).filter(({ status }) =>
    status === "rejected"
  );

  assertEquals(server.received.length, OFTEN);
  assertGreaterOrEqual(failed.length, 1);
  assertEquals(server.faults.counts, { "half-open": failed.length });
});

Deno.test("[K9] trickle: the response is complete, but slow", async () => {
  await using server = new ProxiedServer("trickle");

  const responses = Array.from({ length: OFTEN }, (_, n) => server.post(`tea ${n}`));

  assertEquals(
    await Promise.all(responses),
    Array.from({ length: OFTEN }, (_, n) => `received tea ${n}`),
  );
  assertGreaterOrEqual(server.faults.total, 1);
});

Deno.test("[K9] refused: for a moment connections are refused, and then accepted again", async () => {
  await using server = new ProxiedServer("refused");
  const attempts: boolean[] = [];

  while (!attempts.includes(false) || attempts.at(-1) === false) {
    attempts.push(await server.post("tea").then(() => true, () => false));
    await delay(10);
  }

  assertGreaterOrEqual(server.faults.total, 1);
});

Deno.test("[K10] a request that is held back and given up reaches the server after the next one", async () => {
  await using server = new ProxiedServer();
  const signal = AbortSignal.timeout(50);
  const held = server.post("first", { signal, [HOLD_BACK.name]: HOLD_BACK.value });

  await assertRejects(() => held, DOMException);
  await server.post("second");
  while (server.received.length < 2) await delay(5);

  assertEquals(server.received, ["second", "first"]);
});
