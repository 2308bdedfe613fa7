import { assertEquals } from "@std/assert";
import { SearchReport } from "../../../server/core/log/search_report.ts";
import type { IndexState } from "../../../server/core/model/message_search.ts";
import { stopClock } from "../../support/clock.ts";

function openReport(states: readonly IndexState[]) {
  const left = [...states];
  const lines: unknown[][] = [];
  const find = () => Promise.reject(new Error("nobody searches"));
  const state = () => Promise.resolve(left.shift()!);
  const report = new SearchReport({ find, state }, {
    write: (_level, event, members) => lines.push([event, { ...members }]),
  });
  const metrics = () => report.metrics.map(({ value }) => value);
  return { report, lines, metrics };
}

Deno.test("[O130] the log says each minute how many messages are not in the index, and when all are", async () => {
  using clock = stopClock();
  const { report, lines, metrics } = openReport([
    { waiting: 30, unindexed: 9_000, damages: 0 },
    { waiting: 40, unindexed: 8_000, damages: 0 },
    { waiting: 50, unindexed: 2_000, damages: 0 },
    { waiting: 60, unindexed: 0, damages: 0 },
    { waiting: 70, unindexed: 0, damages: 0 },
  ]);

  await report.update();
  await clock.pass(30_000);
  await report.update();
  assertEquals(metrics(), [40, 8_000, 0]);
  await clock.pass(30_000);
  await report.update();
  await clock.pass(10_000);
  await report.update();
  await report.update();

  assertEquals(lines, [
    ["indexing", { unindexed: 9_000 }],
    ["indexing", { unindexed: 2_000 }],
    ["indexed", { seconds: 70 }],
  ]);
  assertEquals(metrics(), [70, 0, 0]);
});

Deno.test("[O131] each damage of the index is logged with its reason, and counted", async () => {
  const damaged = { waiting: 0, unindexed: 500, damages: 1, damage: "malformed" };
  const { report, lines, metrics } = openReport([
    { waiting: 0, unindexed: 0, damages: 0 },
    damaged,
    damaged,
  ]);

  for (let n = 0; n < 3; n++) await report.update();

  assertEquals(lines, [
    ["index_damaged", { reason: "malformed", damages: 1 }],
    ["indexing", { unindexed: 500 }],
  ]);
  assertEquals(metrics(), [0, 500, 1]);
});
