import { assertEquals, assertRejects } from "@std/assert";
import { firstMessage, HalleyError, searchMessages } from "../../client/comet/halley.ts";
import { message, openReader } from "./support/reader.ts";
import { openServer, problem } from "./support/scripted_server.ts";

Deno.test("[D91] a search of the library is sent with its limits, and answered with the ranges of the words", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const hits = [{ message: message(7, "hello & goodbye"), words: [{ start: 8, end: 15 }] }];

  const limits = { channel: "room:tea", from: "bob", since: 1_000, before: undefined, limit: 20 };
  const searching = searchMessages(alice, "goodbye & co", limits);
  const request = await server.next();
  request.answer({ hits, before: 7 });

  assertEquals(await searching, { hits, before: 7 });
  const { pathname, searchParams } = new URL(request.path, server.url);
  assertEquals([request.method, pathname], ["GET", "/api/search"]);
  assertEquals(Object.fromEntries(searchParams), {
    q: "goodbye & co",
    channel: "room:tea",
    from: "bob",
    since: "1000",
    limit: "20",
  });
});

Deno.test("[D91] the library finds the first message of a channel, or that there is none", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  const first = firstMessage(alice, "room:tea");
  const request = await server.next();
  request.answer({ message: message(3, "the first") });
  const later = firstMessage(alice, "room:tea", { since: 5_000 });
  const second = await server.next();
  second.answer({});

  assertEquals([(await first)?.id, await later], [3, undefined]);
  assertEquals([request.path, second.path], [
    "/api/channels/room%3Atea/first?",
    "/api/channels/room%3Atea/first?since=5000",
  ]);
});

Deno.test("[D91] a search is rejected with the problem of the server, and when its signal aborts", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const aborter = new AbortController();

  const refused = assertRejects(() => searchMessages(alice, "tea"), HalleyError);
  (await server.next()).answer(...problem(422, "search_unavailable"));
  assertEquals((await refused).code, "search_unavailable");
  const strange = assertRejects(() => searchMessages(alice, "tea"), HalleyError);
  (await server.next()).answer({ hits: [{ message: {}, words: [] }] });
  assertEquals((await strange).code, "unexpected_answer");
  const { signal } = aborter;
  const aborted = assertRejects(() => searchMessages(alice, "tea", { signal }), Error, "enough");
  const request = await server.next();
  aborter.abort(new Error("enough"));

  await aborted;
  await request.aborted;
});
