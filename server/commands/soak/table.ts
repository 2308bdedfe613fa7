import type { Result } from "./run.ts";

/** The result as one JSON object, for machines. */
export function formatJson(result: Result): string {
  const { seed, sent, acknowledged, delivered, lost, duplicated, outOfOrder } = result;
  const { gaps, latency, faults, restarts } = result;
  const counts = { sent, acknowledged, delivered, lost, duplicated, outOfOrder, gaps };
  return JSON.stringify({ seed, ...counts, latency, faults, restarts });
}

/** The result as a table, for people. */
export function formatTable(result: Result): string {
  const { p50, p99, max } = result.latency;
  const rows: readonly (readonly [string, string | number])[] = [
    ["seed", result.seed],
    ["sent", result.sent],
    ["acknowledged", result.acknowledged],
    ["delivered", result.delivered],
    ["lost", result.lost],
    ["duplicated", result.duplicated],
    ["out of order", result.outOfOrder],
    ["gaps", result.gaps],
    ["latency p50", `${p50} ms`],
    ["latency p99", `${p99} ms`],
    ["latency max", `${max} ms`],
    ["restarts", result.restarts],
  ];
  const faults = Object.entries(result.faults);
  const injected = faults.length === 0 ? ["none"] : table(faults);
  return [...table(rows), "", "faults", ...injected.map((line) => `  ${line}`)].join("\n");
}

function table(rows: readonly (readonly [string, string | number])[]): readonly string[] {
  const [left, right] = [0, 1].map((column) =>
    Math.max(0, ...rows.map((row) => String(row[column]).length))
  );
  return rows.map(([name, value]) =>
    `${name.padEnd(left ?? 0)}  ${String(value).padStart(right ?? 0)}`
  );
}
