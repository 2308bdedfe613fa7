import { parseArgs } from "node:util";
import { type ScenarioName, SCENARIOS } from "./figures.ts";
import { type ServerName, SERVERS } from "./servers.ts";

/** What the command line asks for. */
export interface BenchOptions {
  /** How often reference and Halley are measured in turn. */
  readonly pairs: number;
  readonly scenarios: readonly ScenarioName[];
  readonly servers: readonly ServerName[];
  /** Something else is measured instead: stores alone, or several nodes. */
  readonly instead: "stores" | "nodes" | undefined;
  /** Where the figures go as JSON. */
  readonly json: string | undefined;
}

/** How the benchmark is called. */
export const USAGE = `deno task bench [options]

  --quick              measure one pair instead of three
  --pairs <n>          measure so many pairs
  --only <a,b>         only these: ${Object.keys(SCENARIOS).join(", ")};
                       "fanout" is both fan-outs
  --servers <a,b>      only these: ${Object.keys(SERVERS).join(", ")}
  --stores             measure each store alone, without HTTP, instead
  --nodes              measure one, two and three nodes over NATS instead
  --json <file>        write the figures, with every reading, as JSON
  --help               print this`;

/** Reads the command line; undefined when it asks for help. Throws on what it does not know. */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean" },
      pairs: { type: "string" },
      only: { type: "string" },
      servers: { type: "string" },
      stores: { type: "boolean" },
      nodes: { type: "boolean" },
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  const pairs = Number(values.pairs ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(pairs) || pairs < 1) {
    throw new Error(`Cannot measure "${values.pairs}" pairs`);
  }
  return {
    pairs,
    scenarios: chosen(SCENARIOS, values.only),
    servers: chosen(SERVERS, values.servers),
    instead: values.stores ? "stores" : values.nodes ? "nodes" : undefined,
    json: values.json,
  };
}

/** The keys of `table` that `list` names, in full or by what stands before a hyphen; all without a list. */
function chosen<Name extends string>(table: Record<Name, unknown>, list?: string): Name[] {
  const names = namesOf(table);
  if (list === undefined) return names;
  const wanted = list.split(",");
  const isNamed = (name: Name, want: string) => name === want || name.startsWith(`${want}-`);
  const unknown = wanted.filter((want) => !names.some((name) => isNamed(name, want)));
  if (unknown.length > 0) {
    throw new Error(`Cannot find "${unknown.join()}" among ${names.join(", ")}`);
  }
  return names.filter((name) => wanted.some((want) => isNamed(name, want)));
}

/** `Object.keys` with their type, which a literal table cannot belie. */
function namesOf<Name extends string>(table: Record<Name, unknown>): Name[] {
  const names: Name[] = [];
  for (const name in table) names.push(name);
  return names;
}
