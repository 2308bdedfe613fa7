import { parseArgs } from "node:util";
import { type AttackName, ATTACKS } from "./disturbance/attacks.ts";
import { type ScenarioName, SCENARIOS } from "./metrics.ts";
import { type ServerName, SERVERS } from "./servers.ts";

/** What can be measured instead of the servers. */
const INSTEAD = [
  "stores",
  "search",
  "nodes",
  "patterns",
  "page",
  "widget",
  "disturbance",
] as const;

/** The command line options. */
export interface BenchOptions {
  /** How often the reference and Halley are measured alternately. */
  readonly pairs: number;
  readonly scenarios: readonly ScenarioName[];
  readonly servers: readonly ServerName[];
  /** Measures the stores alone, the search, several nodes, rooms by pattern, the page, the widget, or how clients disturb others instead. */
  readonly instead: (typeof INSTEAD)[number] | undefined;
  readonly attacks: readonly AttackName[];
  /** The file for the results as JSON. */
  readonly json: string | undefined;
}

/** Printed by `--help`. */
export const USAGE = `deno task bench [options]

  --quick              measure one pair instead of three
  --pairs <n>          measure n pairs
  --only <a,b>         only these: ${Object.keys(SCENARIOS).join(", ")};
                       "fanout" is both fan-outs
  --servers <a,b>      only these: ${Object.keys(SERVERS).join(", ")}
  --stores             measure each store alone, without HTTP, instead
  --search             measure the search among a million messages, and what its index costs, instead
  --nodes              measure one, two and three nodes over NATS instead
  --patterns           measure sends to 10,000 rooms with a reader of a pattern, and without, instead
  --page               measure how soon the page paints and shows messages on a slow phone, instead
  --widget             measure how soon a visitor with a slow phone can type, instead
  --disturbance        measure deliveries while a client attacks within its limits, instead
  --attacks <a,b>      only these: ${Object.keys(ATTACKS).join(", ")}
  --json <file>        write the metrics, with all readings, as JSON
  --help               print this help`;

/** Parses the command line. Returns `undefined` for `--help`. Throws if it is invalid. */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean" },
      pairs: { type: "string" },
      only: { type: "string" },
      servers: { type: "string" },
      stores: { type: "boolean" },
      search: { type: "boolean" },
      nodes: { type: "boolean" },
      patterns: { type: "boolean" },
      page: { type: "boolean" },
      widget: { type: "boolean" },
      disturbance: { type: "boolean" },
      attacks: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const pairs = Number(values.pairs ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(pairs) || pairs < 1) {
    throw new Error(`--pairs is "${values.pairs}"; allowed: whole numbers from 1`);
  }
  return {
    pairs,
    scenarios: chosen(SCENARIOS, values.only),
    servers: chosen(SERVERS, values.servers),
    instead: INSTEAD.find((name) => values[name]),
    attacks: chosen(ATTACKS, values.attacks),
    json: values.json,
  };
}

/** The keys of `table` that `list` contains, in full or up to a hyphen; all of them without a list. */
function chosen<Name extends string>(table: Record<Name, unknown>, list?: string): Name[] {
  const names = keysOf(table);
  if (list === undefined) return names;
  const wanted = list.split(",");
  const isNamed = (name: Name, want: string) => name === want || name.startsWith(`${want}-`);
  const unknown = wanted.filter((want) => !names.some((name) => isNamed(name, want)));
  if (unknown.length > 0) {
    throw new Error(`Unknown: "${unknown.join()}"; allowed: ${names.join(", ")}`);
  }
  return names.filter((name) => wanted.some((want) => isNamed(name, want)));
}

/** `Object.keys` with the type of a literal table's keys. */
function keysOf<Name extends string>(table: Record<Name, unknown>): Name[] {
  const names: Name[] = [];
  for (const name in table) names.push(name);
  return names;
}
