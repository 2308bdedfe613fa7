import { assertEquals } from "@std/assert";
import { History } from "../../client/ui/state/history.ts";
import { waitUntil } from "../support/wait_until.ts";
import { message, openReader } from "./support/reader.ts";
import { openServer, type ScriptedServer } from "./support/scripted_server.ts";

const CHANNELS = ["notice", "notice:alice"];

Deno.test("[C31] pages of several channels that are shorter than requested are merged without holes", async () => {
  await using server = await openServer();
  using client = openReader(server);
  const history = new History({ client, channels: CHANNELS, onFirst: () => {}, onPage: () => {} });

  history.loadFirst();
  // The first channel has more before 90, so what the second one has before that waits.
  assertEquals(
    await answerPages(server, {
      "notice": { ids: [100, 90], more: true },
      "notice:alice": { ids: [95, 50, 10], more: false },
    }),
    [null, null],
  );
  await waitUntil(() => history.isLoaded.value, "the first page is loaded");
  const [first, hasMore] = [idsOf(history), history.hasMore.value];
  history.loadOlder();
  const before = await answerPages(server, {
    "notice": { ids: [80], more: false },
    "notice:alice": { ids: [50, 10], more: false },
  });
  await waitUntil(() => history.loading.value === "no", "the second page is loaded");

  assertEquals([first, hasMore], [[90, 95, 100], true]);
  assertEquals(before, ["90", "90"]);
  assertEquals([idsOf(history), history.hasMore.value], [[10, 50, 80, 90, 95, 100], false]);
});

/** Answers the requests for one page of each channel, and returns their parameters `before`. */
async function answerPages(
  server: ScriptedServer,
  pages: Readonly<Record<string, { readonly ids: readonly number[]; readonly more: boolean }>>,
): Promise<(string | null)[]> {
  const asked: (string | null)[] = [];
  for (const _ of CHANNELS) {
    const { path, answer } = await server.next();
    const url = new URL(path, server.url);
    const channel = decodeURIComponent(url.pathname.split("/").at(-2)!);
    const { ids, more } = pages[channel]!;
    answer({ messages: ids.map((id) => ({ ...message(id, `${id}`), channel })), more });
    asked.push(url.searchParams.get("before"));
  }
  return asked;
}

function idsOf(history: History): number[] {
  return history.chunks.value.flatMap(({ messages }) => messages.map(({ id }) => id));
}
