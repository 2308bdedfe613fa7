import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  findTransfer,
  HalleyError,
  randomKey,
  signIn,
  useTransfer,
} from "../../client/comet/halley.ts";
import { stopClock } from "../support/clock.ts";
import { fixRandom, message, openReader, SETTINGS } from "./support/reader.ts";
import { openServer, problem } from "./support/scripted_server.ts";

const hello = { channel: "room:tea", text: "hello" };

Deno.test("[C19] a send is repeated with the same key until it is answered", async () => {
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = openReader(server);

  const sending = alice.send(hello);
  const keys: unknown[] = [];
  for (const answer of ["cut", "429", "503"]) {
    const request = await server.next();
    keys.push(request.body.key);
    if (answer === "cut") request.cut();
    else request.answer(...problem(Number(answer), "later"));
  }
  const last = await server.next();
  last.answer(message(5, "hello"), { status: 201 });

  assertEquals((await sending).id, 5);
  assertEquals(keys, [last.body.key, last.body.key, last.body.key]);
});

Deno.test("[C69] requests are sent with the fetch of the options", async () => {
  await using server = await openServer();
  const sent: string[] = [];
  const options = {
    fetch(url: string, init: RequestInit) {
      sent.push(`${init.method} ${new URL(url).pathname}`);
      return fetch(url, init);
    },
  };
  using alice = openReader(server, options);

  const sending = alice.send(hello);
  (await server.next()).answer(message(1, "hello"));
  await sending;
  alice.startWaiting();
  await server.next();

  assertEquals(sent, ["POST /api/messages", "POST /api/poll"]);
});

Deno.test("[C19] a key that the caller passes is used", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  const sending = alice.send({ ...hello, key: "k1" });
  const request = await server.next();
  request.answer(message(1, "hello"));
  await sending;

  assertEquals(request.body, { ...hello, key: "k1" });
});

Deno.test("[C20] a send waits as long as the server asks, unless the user skips the delay", async () => {
  using clock = stopClock();
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = openReader(server);

  const sending = alice.send(hello);
  (await server.next()).answer(...problem(429, "too_many_requests", { "retry-after": "60" }));
  await clock.pass(59_000);
  assertEquals(server.waiting, 0);
  while (server.waiting === 0) {
    alice.tryNow();
    await clock.pass(0);
  }
  (await server.next()).answer(message(1, "hello"));

  await sending;
});

Deno.test("[C21] a send is rejected with the final error of the server", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  const sending = alice.send(hello);
  (await server.next()).answer(...problem(413, "text_too_long"));

  const { code, status, detail } = await assertRejects(() => sending, HalleyError);
  assertEquals([code, status, detail], ["text_too_long", 413, "Because of text_too_long"]);
});

Deno.test("[C21] a send is rejected when its signal aborts, and when the client is disposed", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const aborter = new AbortController();

  const first = alice.send(hello, { signal: aborter.signal });
  const second = alice.send(hello);
  const requests = [await server.next(), await server.next()];
  aborter.abort(new Error("enough"));
  await assertRejects(() => first, Error, "enough");
  alice[Symbol.dispose]();
  await assertRejects(() => second, DOMException);

  await Promise.all(requests.map((one) => one.aborted));
});

const invalidReplies = [
  ["an HTML page", "<html>Bad gateway</html>", 404],
  ["nothing at all", "", 403],
  ["JSON of another kind", "[1, 2]", 400],
  ["a page with status 200", "<html>Sign in to the hotel's network</html>", 200],
] as const;
for (const [name, body, status] of invalidReplies) {
  Deno.test(`[C22] ${name} is an unexpected answer`, async () => {
    await using server = await openServer();
    using alice = openReader(server);

    const asking = alice.whoAmI();
    (await server.next()).answer(body, { status });

    const error = await assertRejects(() => asking, HalleyError);
    assertEquals([error.code, error.status], ["unexpected_answer", status]);
  });
}

Deno.test("[C22] an empty 200, which no Halley server sends, neither signs out nor deletes a message", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  for (const ask of [() => alice.signOut(), () => alice.change(7)]) {
    const asking = ask();
    (await server.next()).answer("", { status: 200 });

    const error = await assertRejects(() => asking, HalleyError);
    assertEquals(error.code, "unexpected_answer");
  }
});

Deno.test("[C23] each other request uses the method and path of the server's API", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const self = { publicToken: "alice", displayName: "alice", settings: SETTINGS };
  const requests: unknown[] = [];
  const answerNext = async (body: unknown) => {
    const one = await server.next();
    requests.push(`${one.method} ${one.path} ${JSON.stringify(one.body)}`);
    one.answer(body);
  };

  await Promise.all([
    alice.history("room:tea", { before: 9, limit: 2 }),
    answerNext(
      { messages: [message(8, "eight")], more: true },
    ),
  ]);
  await Promise.all([alice.presence("room:tea"), answerNext({ present: [] })]);
  await Promise.all([alice.typing("room:tea"), answerNext("")]);
  await Promise.all([alice.whoAmI(), answerNext(self)]);
  await Promise.all([alice.signOut(), answerNext("")]);
  await Promise.all([
    signIn({ url: server.url, displayName: "alice" }),
    answerNext({ ...self, privateToken: "secret" }),
  ]);

  await Promise.all([alice.rename("Alice"), answerNext(self)]);
  const code = { code: "code" };
  await Promise.all([alice.createTransfer(), answerNext({ ...code, expires: 1 })]);
  await Promise.all([findTransfer({ url: server.url, ...code }), answerNext(self)]);
  await Promise.all([
    useTransfer({ url: server.url, ...code }),
    answerNext({ ...self, privateToken: "other" }),
  ]);

  assertEquals(requests, [
    "GET /api/channels/room%3Atea/messages?before=9&limit=2 {}",
    "GET /api/channels/room%3Atea/presence {}",
    'POST /api/signals {"channel":"room:tea","type":"typing"}',
    "GET /api/session {}",
    "DELETE /api/session {}",
    'POST /api/sessions {"displayName":"alice"}',
    'PATCH /api/session {"displayName":"Alice"}',
    "POST /api/session/transfer {}",
    'POST /api/transfers/preview {"code":"code"}',
    'POST /api/transfers {"code":"code"}',
  ]);
});

Deno.test("[C24] keys are made where crypto.randomUUID is missing", () => {
  const original = crypto.randomUUID;
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });

  const keys = [randomKey(), randomKey()];

  Object.defineProperty(crypto, "randomUUID", { value: original, configurable: true });
  for (const key of keys) assertMatch(key, /^[0-9a-f]{32}$/);
  assertEquals(new Set(keys).size, 2);
});

Deno.test("[C60] clockOffset is how far the server's clock is ahead, as of the last reply", async () => {
  using _clock = stopClock();
  await using server = await openServer();
  using alice = openReader(server);
  const offsets: number[] = [];
  const dates = ["Fri, 02 Jan 2026 00:00:20 GMT", "Wed, 31 Dec 2025 00:00:00 GMT", "nonsense"];

  for (const date of dates) {
    const rooms = alice.rooms();
    (await server.next()).answer({ rooms: [] }, { headers: { date } });
    await rooms;
    offsets.push(alice.clockOffset);
  }
  const foreign = assertRejects(() => alice.rooms(), HalleyError);
  (await server.next()).answer("<html>", { headers: { date: "Sat, 03 Jan 2026 00:00:00 GMT" } });
  await foreign;

  const day = 24 * 3_600_000;
  assertEquals([...offsets, alice.clockOffset], [day, -day, -day, -day]);
});
