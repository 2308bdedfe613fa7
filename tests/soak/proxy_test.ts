import { assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { type Fault, Faults } from "../../server/commands/soak/faults.ts";
import { pause } from "../../server/commands/soak/pause.ts";
import { Proxy } from "../../server/commands/soak/proxy.ts";
import { HOLD_BACK } from "../../server/commands/soak/strict_reader.ts";

/** A server that answers each request with what it says, behind a proxy that injects one fault wherever it can. */
class Line implements AsyncDisposable {
  readonly faults: Faults;
  /** What the server was told, in the order in which it came. */
  readonly heard: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #proxy: Proxy;

  constructor(fault?: Fault) {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      const text = await request.text();
      this.heard.push(text);
      return new Response(`heard ${text}`);
    });
    this.faults = new Faults(fault === undefined ? [] : [fault], 1);
    this.faults.start();
    const target = new URL(`http://127.0.0.1:${this.#server.addr.port}/chat`);
    this.#proxy = new Proxy({ target, faults: this.faults, seed: 1 });
  }

  get url(): string {
    return this.#proxy.url;
  }

  /** What is answered. Every text is sent on a connection of its own. */
  async say(text: string, { signal, ...headers }: Said = {}): Promise<string> {
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const request = { method: "POST", body: text, headers, client, signal: signal ?? null };
    return await (await fetch(this.url, request)).text();
  }

  /** The bytes that come for a request, and how they end: `whole`, `closed` or the name of an error. */
  async sayRaw(said: string): Promise<{ text: string; end: string }> {
    const head = `POST /chat/ HTTP/1.1\r\nhost: x\r\ncontent-length: ${said.length}\r\n\r\n`;
    const buffer = new Uint8Array(10_000);
    using patience = new AbortOnDispose();
    const whole = pause(500, patience.signal);
    let text = "";
    try {
      using socket = await Deno.connect({ port: Number(new URL(this.url).port) });
      await socket.write(new TextEncoder().encode(head + said));
      while (true) {
        const size = await Promise.race([socket.read(buffer), whole]);
        if (typeof size !== "number") return { text, end: size === null ? "closed" : "whole" };
        text += new TextDecoder().decode(buffer.subarray(0, size));
      }
    } catch (error) {
      return { text, end: error instanceof Error ? error.name : "" };
    }
  }

  sayOften(): Promise<{ text: string; end: string }[]> {
    return Promise.all(Array.from({ length: OFTEN }, () => this.sayRaw("tea")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.faults.stop();
    await this.#proxy[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}

/** Ends a pause that is needed no more. */
class AbortOnDispose implements Disposable {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }
}

interface Said {
  readonly signal?: AbortSignal;
  readonly [HOLD_BACK.name]?: string;
}

/** The seed draws among six faults: it is said often enough that the one that is on is among them. */
const OFTEN = 40;

Deno.test("[K9] without faults the proxy passes everything as it is, several requests on one connection", async () => {
  await using line = new Line();
  using client = Deno.createHttpClient({});
  const long = "ä".repeat(200_000);

  for (const body of ["tea", "", long, "milk"]) {
    const response = await fetch(`${line.url}x?y`, { method: "POST", body, client });
    assertEquals(await response.text(), `heard ${body}`);
  }
  assertEquals(line.heard, ["tea", "", long, "milk"]);
});

Deno.test("[K9] cut-before: the server has answered, and its client has nothing", async () => {
  await using line = new Line("cut-before");

  const answers = await line.sayOften();

  const empty = answers.filter(({ text }) => text === "");
  assertEquals(line.heard.length, OFTEN);
  assertGreaterOrEqual(empty.length, 1);
  assertEquals(line.faults.counts, { "cut-before": empty.length });
});

Deno.test("[K9] cut-within: the server has answered, and its client has a part of the body", async () => {
  await using line = new Line("cut-within");

  const answers = await line.sayOften();

  const torn = answers.filter(({ text }) => !text.endsWith("heard tea"));
  assertEquals(torn.every(({ text }) => text.includes("\r\n\r\n")), true);
  assertEquals(line.heard.length, OFTEN);
  assertGreaterOrEqual(torn.length, 1);
  assertEquals(line.faults.counts, { "cut-within": torn.length });
});

Deno.test("[K9] cut-after: the reply is whole, and the connection is closed", async () => {
  await using line = new Line("cut-after");

  const answers = await line.sayOften();

  const closed = answers.filter(({ end }) => end === "closed");
  assertEquals(answers.every(({ text }) => text.endsWith("heard tea")), true);
  assertGreaterOrEqual(closed.length, 1);
  assertEquals(line.faults.counts, { "cut-after": closed.length });
});

Deno.test("[K9] reset: for a moment every connection is broken, and the server has heard nothing", async () => {
  await using line = new Line("reset");
  const ends: string[] = [];

  while (line.faults.total === 0) ends.push((await line.sayRaw("tea")).end);

  assertEquals(ends.at(-1), "ConnectionReset");
  assertEquals(line.heard.length, ends.filter((end) => end === "whole").length);
});

Deno.test("[K9] half-open: no reply and no end, until the client gives up", async () => {
  await using line = new Line("half-open");

  const signal = AbortSignal.timeout(500);
  const said = Array.from({ length: OFTEN }, (_, n) => line.say(`tea ${n}`, { signal }));
  const failed = (await Promise.allSettled(said)).filter(({ status }) => status === "rejected");

  assertEquals(line.heard.length, OFTEN);
  assertGreaterOrEqual(failed.length, 1);
  assertEquals(line.faults.counts, { "half-open": failed.length });
});

Deno.test("[K9] trickle: the reply is whole, and late", async () => {
  await using line = new Line("trickle");

  const said = Array.from({ length: OFTEN }, (_, n) => line.say(`tea ${n}`));

  assertEquals(await Promise.all(said), Array.from({ length: OFTEN }, (_, n) => `heard tea ${n}`));
  assertGreaterOrEqual(line.faults.total, 1);
});

Deno.test("[K9] refused: for a moment nobody listens, and then somebody does again", async () => {
  await using line = new Line("refused");
  const tries: boolean[] = [];

  while (!tries.includes(false) || tries.at(-1) === false) {
    tries.push(await line.say("tea").then(() => true, () => false));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  assertGreaterOrEqual(line.faults.total, 1);
});

Deno.test("[K10] a request that is held back and given up reaches the server after the next one", async () => {
  await using line = new Line();
  const signal = AbortSignal.timeout(50);
  const held = line.say("first", { signal, [HOLD_BACK.name]: HOLD_BACK.value });

  await assertRejects(() => held, DOMException);
  await line.say("second");
  while (line.heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));

  assertEquals(line.heard, ["second", "first"]);
});
