import { median, type Metric, METRICS, type Reading } from "./metrics.ts";
import type { ServerName } from "./servers.ts";

/** All readings of a run, by server. */
export type Readings = Readonly<Record<ServerName, readonly Reading[]>>;

/** A row: the medians of both servers' readings of a metric, and their ratio. */
export interface Row extends Metric {
  readonly name: string;
  /** NaN if it was not measured, like the other numbers. */
  readonly reference: number;
  readonly halley: number;
  readonly ratio: number;
  /** The largest share of one CPU that the generator used in any reading. */
  readonly generator: number;
  readonly readings: Readonly<Record<ServerName, readonly number[]>>;
}

/** Groups the readings by metric. */
export function rowsOf(readings: Readings): Row[] {
  return Object.entries(METRICS)
    .map(([name, metric]) => rowOf(name, { metric, readings }))
    .filter(({ reference, halley }) => !Number.isNaN(reference) || !Number.isNaN(halley));
}

/** Formats the rows as text. */
export function formatTable(rows: readonly Row[]): string {
  const head = ["", "", "reference", "Halley", "ratio", "target", "generator CPU"];
  const cells = [head, ...rows.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) => row.map((cell, i) => aligned(cell, i, widths[i]!)).join("  ").trimEnd())
    .join("\n");
}

/** Formats a number with three significant digits, or as a whole number with thousands separators. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

function rowOf(name: string, { metric, readings }: { metric: Metric; readings: Readings }): Row {
  const ofThis = (server: ServerName) => readings[server].filter((one) => one.metric === name);
  const values = (server: ServerName) => ofThis(server).map(({ value }) => value);
  const [reference, halley] = [median(values("reference")), median(values("halley"))];
  const shares = [...ofThis("reference"), ...ofThis("halley")].map((one) => one.generator ?? NaN);
  return {
    ...metric,
    name,
    reference,
    halley,
    ratio: halley / reference,
    generator: Math.max(...shares),
    readings: { reference: values("reference"), halley: values("halley") },
  };
}

function cellsOf(row: Row): string[] {
  return [
    row.title,
    row.unit,
    formatNumber(row.reference),
    formatNumber(row.halley),
    Number.isNaN(row.ratio) ? "" : row.ratio.toFixed(2),
    formatTarget(row),
    Number.isFinite(row.generator) ? `${Math.round(row.generator * 100)} %` : "",
  ];
}

function formatTarget({ target, ratio }: Row): string {
  if (target === undefined || Number.isNaN(ratio)) return "";
  const { max = Infinity, min = -Infinity } = target;
  const isMet = ratio <= max && ratio >= min;
  const bound = target.max === undefined ? `at least ${target.min}` : `at most ${target.max}`;
  return `${bound}: ${isMet ? "met" : "MISSED"}`;
}

/** Numbers are right-aligned, words left-aligned. */
function aligned(cell: string, column: number, width: number): string {
  return column < 2 || column === 5 ? cell.padEnd(width) : cell.padStart(width);
}
