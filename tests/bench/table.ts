import { type Figure, FIGURES, median, type Reading } from "./figures.ts";
import type { ServerName } from "./servers.ts";

/** All readings of a run, by server. */
export type Readings = Readonly<Record<ServerName, readonly Reading[]>>;

/** One figure: the medians of both servers' readings, and how Halley's stands to the reference's. */
export interface Row extends Figure {
  readonly name: string;
  /** NaN, as the other numbers here, when it was not measured. */
  readonly reference: number;
  readonly halley: number;
  readonly ratio: number;
  /** The largest share of one CPU that the generator used in any reading. */
  readonly generator: number;
  readonly readings: Readonly<Record<ServerName, readonly number[]>>;
}

/** Puts together what was measured, figure by figure. */
export function rowsOf(readings: Readings): Row[] {
  return Object.entries(FIGURES)
    .map(([name, figure]) => rowOf(name, { figure, readings }))
    .filter(({ reference, halley }) => !Number.isNaN(reference) || !Number.isNaN(halley));
}

/** The rows as text, under each other. */
export function formatTable(rows: readonly Row[]): string {
  const head = ["", "", "reference", "Halley", "ratio", "aim", "generator CPU"];
  const cells = [head, ...rows.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) => row.map((cell, i) => aligned(cell, i, widths[i]!)).join("  ").trimEnd())
    .join("\n");
}

/** With three significant digits, or to the whole number and in groups of three. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

function rowOf(name: string, { figure, readings }: { figure: Figure; readings: Readings }): Row {
  const ofThis = (server: ServerName) => readings[server].filter((one) => one.figure === name);
  const values = (server: ServerName) => ofThis(server).map(({ value }) => value);
  const [reference, halley] = [median(values("reference")), median(values("halley"))];
  const shares = [...ofThis("reference"), ...ofThis("halley")].map((one) => one.generator ?? NaN);
  return {
    ...figure,
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
    formatAim(row),
    Number.isFinite(row.generator) ? `${Math.round(row.generator * 100)} %` : "",
  ];
}

function formatAim({ aim, ratio }: Row): string {
  if (aim === undefined || Number.isNaN(ratio)) return "";
  const { atMost = Infinity, atLeast = -Infinity } = aim;
  const isMet = ratio <= atMost && ratio >= atLeast;
  const bound = aim.atMost === undefined ? `at least ${aim.atLeast}` : `at most ${aim.atMost}`;
  return `${bound}: ${isMet ? "met" : "MISSED"}`;
}

/** Numbers stand to the right, words to the left. */
function aligned(cell: string, column: number, width: number): string {
  return column < 2 || column === 5 ? cell.padEnd(width) : cell.padStart(width);
}
