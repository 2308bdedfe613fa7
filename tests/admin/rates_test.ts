import { assertEquals } from "@std/assert";
import { withOverview } from "../../client/admin/state/rates.ts";
import type { AdminOverview } from "../../server/protocol/admin_replies.ts";

function overview(node: string, now: number, messages: number): AdminOverview {
  return {
    ...{ version: "1", node, startedAt: 0, now, parked: 3, present: 2, sessions: 5, rooms: 1 },
    ...{ windowBytes: 10, memoryBytes: 100, isTraced: true },
    counts: { messages, deliveries: 0, gaps: 0, polls: 0, refusals: 0 },
  };
}

/** What a page knows that was told these overviews, one each second. */
function told(...overviews: readonly AdminOverview[]) {
  return overviews.reduce(
    (nodes, one, n) => withOverview(nodes, one, n * 1_000),
    new Map() as ReturnType<typeof withOverview>,
  );
}

Deno.test("[J10] a counter becomes a rate per second; the first moment has none", () => {
  const nodes = told(overview("left", 0, 50), overview("left", 2_000, 60));

  assertEquals(nodes.get("left")?.samples.map(({ messages }) => messages), [0, 5]);
});

Deno.test("[J10] where several nodes answer in turn, each is measured by itself", () => {
  const nodes = told(
    overview("left", 0, 100),
    overview("right", 1_000, 7),
    overview("left", 2_000, 120),
    overview("right", 3_000, 9),
  );

  assertEquals([...nodes.keys()], ["left", "right"]);
  assertEquals(nodes.get("left")?.samples.map(({ messages }) => messages), [0, 10]);
  assertEquals(nodes.get("right")?.samples.map(({ messages }) => messages), [0, 1]);
});

Deno.test("[J10] a node that is heard of no more is forgotten after 20 seconds", () => {
  const nodes = told(overview("left", 0, 0));

  const later = withOverview(nodes, overview("right", 0, 0), 19_000);
  const latest = withOverview(later, overview("right", 0, 0), 20_000);

  assertEquals([...later.keys()], ["left", "right"]);
  assertEquals([...latest.keys()], ["right"]);
});

Deno.test("[J10] five minutes of moments are kept", () => {
  const nodes = told(...Array.from({ length: 200 }, (_, n) => overview("left", n * 2_000, n)));

  assertEquals(nodes.get("left")?.samples.length, 150);
  assertEquals(nodes.get("left")?.samples.at(-1)?.at, 398_000);
});
