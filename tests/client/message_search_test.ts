import { signal } from "@preact/signals";
import { assertEquals } from "@std/assert";
import { SEARCH_LENGTH } from "../../server/protocol/limits.ts";
import { MessageSearch } from "../../client/ui/search/message_search.ts";
import { HalleyError } from "../../client/comet/halley.ts";
import { settle, stopClock } from "../support/clock.ts";
import { bob, message, openReader } from "./support/reader.ts";
import { openServer, problem, type ScriptedServer } from "./support/scripted_server.ts";

/** How long nothing must be typed before a search, in ms. */
const PAUSE = 300;

function openSearch(server: ScriptedServer, here: readonly string[] = ["room:tea"]) {
  const stack = new DisposableStack();
  const client = stack.use(openReader(server));
  const search = stack.use(new MessageSearch({ client, here: signal(here), onPage: () => {} }));
  return { search, client, [Symbol.dispose]: () => stack.dispose() };
}

/** Hits with the word `tea` at the beginning of their texts. */
function hits(...ids: readonly number[]) {
  return ids.map((id) => ({ message: message(id, `tea ${id}`), words: [{ start: 0, end: 3 }] }));
}

function found({ hits }: MessageSearch): readonly number[] {
  return hits.value.map(({ message }) => message.id);
}

/** The parameters of a request. */
function parameters({ path }: { readonly path: string }): Record<string, string> {
  return Object.fromEntries(new URL(path, "http://server").searchParams);
}

/** Waits until a reply was read, with the real clock or a stopped one. */
async function untilDone({ status }: MessageSearch): Promise<void> {
  while (status.value === "searching") await settle();
}

Deno.test("[U345] what is typed is searched for after a pause, and a search aborts the one before", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using opened = openSearch(server);
  const { search } = opened;

  for (const words of ["t", "te", "tea "]) {
    search.words.value = words;
    await clock.pass(PAUSE - 1);
  }
  assertEquals([server.waiting, search.status.value], [0, "searching"]);
  await clock.pass(1);
  const first = await server.next();
  search.words.value = "teapot";
  await clock.pass(PAUSE);
  const second = await server.next();
  await first.aborted;
  second.answer({ hits: hits(7, 3) });
  await untilDone(search);

  assertEquals([first, second].map((one) => parameters(one).q), ["tea", "teapot"]);
  assertEquals([found(search), search.status.value, search.hasMore.value], [[7, 3], "done", false]);
  search.words.value = " ";
  await clock.pass(PAUSE);
  assertEquals([server.waiting, found(search), search.status.value], [0, [], "idle"]);
});

Deno.test("[U405] words that are too long are not searched for, until they are shorter", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using opened = openSearch(server);
  const { search } = opened;

  search.words.value = "t".repeat(SEARCH_LENGTH + 1);
  search.searchNow();
  await clock.pass(PAUSE);
  assertEquals([server.waiting, search.status.value], [0, "tooLong"]);
  search.words.value = ` ${"t".repeat(SEARCH_LENGTH)} `;
  await clock.pass(PAUSE);

  (await server.next()).answer({ hits: hits(7) });
  await untilDone(search);
  assertEquals([found(search), search.status.value], [[7], "done"]);
});

Deno.test("[U345] a search that was too fast is repeated when the server allows it", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using opened = openSearch(server);
  const { search } = opened;

  search.words.value = "tea";
  await clock.pass(PAUSE);
  (await server.next()).answer(...problem(429, "too_many_requests", { "retry-after": "3" }));
  await untilDone(search);
  assertEquals(search.status.value instanceof HalleyError, true);
  await clock.pass(2_900);
  assertEquals(server.waiting, 0);
  await clock.pass(100);
  (await server.next()).answer({ hits: hits(7) });
  await untilDone(search);

  assertEquals([found(search), search.status.value], [[7], "done"]);
});

Deno.test("[U346] a search goes on while nothing is found, but only for some pages", async () => {
  await using server = await openServer();
  using opened = openSearch(server);
  const { search } = opened;

  search.words.value = "tea";
  search.searchNow();
  const asked: (string | undefined)[] = [];
  for (const before of [900, 800, 700, 600]) {
    const request = await server.next();
    asked.push(parameters(request).before);
    request.answer({ hits: [], before, unindexed: 12 });
  }
  await untilDone(search);

  assertEquals(asked, [undefined, "900", "800", "700"]);
  assertEquals([search.hasMore.value, search.unindexed.value], [true, 12]);
  search.loadMore();
  const request = await server.next();
  request.answer({ hits: hits(500), before: 500 });
  await untilDone(search);
  assertEquals([parameters(request).before, found(search)], ["600", [500]]);
  search.loadMore();
  (await server.next()).answer({ hits: hits(400) });
  await untilDone(search);
  assertEquals([found(search), search.hasMore.value], [[500, 400], false]);
});

Deno.test("[U346] a search that has failed says why, and can be tried again", async () => {
  await using server = await openServer();
  using opened = openSearch(server);
  const { search } = opened;

  search.words.value = "tea";
  search.searchNow();
  (await server.next()).cut();
  await untilDone(search);
  const first = search.status.value;
  search.searchNow();
  (await server.next()).answer(...problem(422, "search_unavailable"));
  await untilDone(search);
  const second = search.status.value;
  search.searchNow();
  (await server.next()).answer({ hits: hits(7) });
  await untilDone(search);

  assertEquals([first, second instanceof HalleyError && second.code], [
    "unreachable",
    "search_unavailable",
  ]);
  assertEquals(found(search), [7]);
});

Deno.test("[U343] a search is limited to the selected conversation, an author, and whole days", async () => {
  await using server = await openServer();
  using opened = openSearch(server);
  const { search } = opened;

  search.words.value = "tea";
  search.author.value = bob.publicToken;
  search.firstDay.value = "2026-03-01";
  search.lastDay.value = "2026-03-31";
  search.searchNow();
  const request = await server.next();
  request.answer({ hits: [] });
  await untilDone(search);
  search.isEverywhere.value = true;
  search.firstDay.value = "0002-01-01";
  search.lastDay.value = "";
  search.searchNow();
  const everywhere = await server.next();
  everywhere.answer({ hits: [] });
  await untilDone(search);

  const limits = { q: "tea", from: "bob", limit: "30" };
  const [since, until] = [`${+new Date(2026, 2, 1)}`, `${+new Date(2026, 3, 1)}`];
  assertEquals(parameters(request), { ...limits, channel: "room:tea", since, until });
  assertEquals(parameters(everywhere), { ...limits, since: "0" });
});

Deno.test("[U343] notices for everyone and for one person are found together, newest first", async () => {
  await using server = await openServer();
  using opened = openSearch(server, ["notice", "notice:alice"]);
  const { search } = opened;
  const pages: Record<string, object> = {
    "notice": { hits: hits(100, 90), before: 90 },
    "notice:alice": { hits: hits(95, 50) },
  };

  search.words.value = "tea";
  search.searchNow();
  for (const _ of [1, 2]) {
    const request = await server.next();
    request.answer(pages[parameters(request).channel ?? ""]);
  }
  await untilDone(search);
  const first = found(search);
  search.loadMore();
  const before: (string | undefined)[] = [];
  for (const _ of [1, 2]) {
    const request = await server.next();
    before.push(parameters(request).before);
    request.answer({ hits: parameters(request).channel === "notice" ? hits(80) : hits(50) });
  }
  await untilDone(search);

  assertEquals([first, before], [[100, 95, 90], ["90", "90"]]);
  assertEquals([found(search), search.hasMore.value], [[100, 95, 90, 80, 50], false]);
});

Deno.test("[U348] what was found goes when its message is deleted, and is shown as it was edited", async () => {
  await using server = await openServer();
  using opened = openSearch(server);
  const { search, client } = opened;
  search.words.value = "tea";
  search.searchNow();
  (await server.next()).answer({ hits: hits(9, 8, 7) });
  await untilDone(search);

  client.startWaiting();
  const poll = await server.next();
  const change = (message: object, id: number) => ({ id, channel: "room:tea", at: id, message });
  poll.answer({
    outcome: "message",
    cursor: "c1",
    messages: [],
    signals: [],
    changes: [
      change({ ...message(9, "tea 9"), text: undefined, deletedAt: 1 }, 10),
      change({ ...message(8, "coffee"), editedAt: 1 }, 11),
      change({ ...message(7, "tea 7"), reactions: [] }, 12),
    ],
  });
  await server.next();

  assertEquals(
    search.hits.value.map(({ message: { id, text }, words }) => [id, text, words.length]),
    [[8, "coffee", 0], [7, "tea 7", 1]],
  );
});
