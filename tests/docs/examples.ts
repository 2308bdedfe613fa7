import { join } from "node:path";

/** A block of code in the documentation that is marked `<!-- tested: name -->`. */
export interface Example {
  readonly name: string;
  readonly language: string;
  readonly code: string;
  /** The block of output that stands right behind it, if there is one. */
  readonly output: string;
}

const TOP = join(import.meta.dirname ?? ".", "..", "..");

const EXAMPLE =
  /<!-- tested: (\S+) -->\n+```(\w+)\n([^]*?)```\n(?:\n+```(?:json|text)\n([^]*?)```\n)?/g;

/** The examples of a page, in their order. Throws when there are none. */
export async function examplesOf(page: string): Promise<Example[]> {
  const text = await Deno.readTextFile(join(TOP, page));
  const examples = [...text.matchAll(EXAMPLE)].map((
    [, name = "", language = "", code = "", output = ""],
  ) => ({ name, language, code, output }));
  if (examples.length === 0) throw new Error(`${page} has no examples`);
  return examples;
}

/** The code of the one example of a page that has this name. */
export async function exampleOf(page: string, name: string): Promise<string> {
  const [example, ...others] = (await examplesOf(page)).filter((one) => one.name === name);
  if (example === undefined || others.length > 0) {
    throw new Error(`${page} has not one example "${name}"`);
  }
  return example.code;
}

/** An output without that which differs from one run to the next: tokens, epochs, times; and spaces between JSON. */
export function withoutChance(output: string): string {
  return compact(output.trim())
    .replace(/"(publicToken|privateToken)":"[^"]*"/g, '"$1":"(token)"')
    .replace(/"cursor":"[a-z0-9]+\./g, '"cursor":"(epoch).')
    .replace(/"(at|lastSeen)":\d+/g, '"$1":(time)')
    .replace(/"direct:[^"]*"/g, '"direct:(pair)"')
    .replace(/direct\\u003a[\w-]+\\u003a[\w-]+/g, "direct(pair)")
    .replace(/FromToken:[\w-]*/g, "FromToken:(token)");
}

function compact(output: string): string {
  try {
    return JSON.stringify(JSON.parse(output));
  } catch {
    return output; // It is no JSON.
  }
}
