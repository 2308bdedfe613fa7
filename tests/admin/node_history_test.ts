import { assertEquals } from "@std/assert";
import { addOverview, silentSince } from "../../client/admin/state/node_history.ts";
import type { AdminOverview } from "../../server/protocol/admin_replies.ts";

function overview(node: string, now: number, messages: number): AdminOverview {
  return {
    ...{ version: "1", node, startedAt: 0, now, parked: 3, present: 2, sessions: 5, rooms: 1 },
    ...{ windowBytes: 10, memoryBytes: 100, isTraced: true },
    counts: { messages, deliveries: 0, gaps: 0, polls: 0, refusals: 0 },
  };
}

/** The histories after these overviews arrived, one per second. */
function nodesAfter(...overviews: readonly AdminOverview[]) {
  return overviews.reduce(
    (nodes, overview, second) => addOverview(nodes, overview, second * 1_000),
    new Map() as ReturnType<typeof addOverview>,
  );
}

Deno.test("[J10] a counter becomes a rate per second; the first sample has rate 0", () => {
  const nodes = nodesAfter(overview("left", 0, 50), overview("left", 2_000, 60));

  assertEquals(nodes.get("left")?.samples.map(({ messages }) => messages), [0, 5]);
});

Deno.test("[J10] nodes that answer in turn have separate samples", () => {
  const nodes = nodesAfter(
    overview("left", 0, 100),
    overview("right", 1_000, 7),
    overview("left", 2_000, 120),
    overview("right", 3_000, 9),
  );

  assertEquals([...nodes.keys()], ["left", "right"]);
  assertEquals(nodes.get("left")?.samples.map(({ messages }) => messages), [0, 10]);
  assertEquals(nodes.get("right")?.samples.map(({ messages }) => messages), [0, 1]);
});

Deno.test("[J10] samples of the last five minutes are kept", () => {
  const overviews = Array.from({ length: 200 }, (_, n) => overview("left", n * 2_000, n));

  const nodes = nodesAfter(...overviews);

  assertEquals(nodes.get("left")?.samples.length, 150);
  assertEquals(nodes.get("left")?.samples.at(-1)?.at, 398_000);
});

Deno.test("[J29] a node that has not answered for 20 seconds is silent since its last answer", () => {
  const left = nodesAfter(overview("left", 0, 0)).get("left")!;

  assertEquals(silentSince(left, 19_999), undefined);
  assertEquals(silentSince(left, 20_000), 0);
});

Deno.test("[J29] a silent node disappears after ten minutes", () => {
  const nodes = nodesAfter(overview("left", 0, 0));

  const before = addOverview(nodes, overview("right", 0, 0), 599_000);
  const after = addOverview(before, overview("right", 0, 0), 600_000);

  assertEquals([...before.keys()], ["left", "right"]);
  assertEquals([...after.keys()], ["right"]);
});
