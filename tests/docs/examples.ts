import { join } from "node:path";

/** A code block in the documentation that is marked with `<!-- tested: name -->`. */
export interface Example {
  readonly name: string;
  readonly language: string;
  readonly code: string;
  /** The block that follows, with the expected output; empty if there is none. */
  readonly output: string;
}

const TOP = join(import.meta.dirname ?? ".", "..", "..");

const EXAMPLE =
  /<!-- tested: (\S+) -->\n+```(\w+)\n([^]*?)```\n(?:\n+```(?:json|text)\n([^]*?)```\n)?/g;

/** Returns the examples of a page, in order. Throws if there are none. */
export async function examplesOf(page: string): Promise<Example[]> {
  const text = await Deno.readTextFile(join(TOP, page));
  const examples = [...text.matchAll(EXAMPLE)].map((
    [, name = "", language = "", code = "", output = ""],
  ) => ({ name, language, code, output }));
  if (examples.length === 0) throw new Error(`${page} has no examples`);
  return examples;
}

/** Returns the code of the example with this name. */
export async function exampleOf(page: string, name: string): Promise<string> {
  const [example, ...others] = (await examplesOf(page)).filter((one) => one.name === name);
  if (example === undefined || others.length > 0) {
    throw new Error(`${page} does not have exactly one example "${name}"`);
  }
  return example.code;
}

/** Replaces what differs between runs (tokens, epochs, times) and removes whitespace from JSON. */
export function normalizeOutput(output: string): string {
  return compact(output.trim())
    .replace(/"(publicToken|privateToken)":"[^"]*"/g, '"$1":"(token)"')
    .replace(/"cursor":"[a-z0-9]+\./g, '"cursor":"(epoch).')
    .replace(/"id":"[^"]{16,22}"/g, '"id":"(token)"')
    .replace(/"(at|editedAt|deletedAt|createdAt|startedAt|doneAt|lastSeen)":\d+/g, '"$1":(time)')
    .replace(/"direct:[^"]*"/g, '"direct:(pair)"')
    .replace(/direct\\u003a[\w-]+\\u003a[\w-]+/g, "direct(pair)")
    .replace(/FromToken:[\w-]*/g, "FromToken:(token)");
}

function compact(output: string): string {
  try {
    return JSON.stringify(JSON.parse(output));
  } catch {
    return output; // Not JSON.
  }
}

/** Whether all of these programs are installed; prints a warning about `what` if not. */
export async function areInstalled(programs: readonly string[], what: string): Promise<boolean> {
  const found = await Promise.all(programs.map(isInstalled));
  const missing = programs.filter((_, n) => !found[n]);
  if (missing.length === 0) return true;
  console.error(`\n!!! ${what} NOT tested: ${missing.join(", ")} not installed !!!\n`);
  return false;
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    // Some shells have no option --version.
    const args = program === "sh" ? ["-c", ":"] : ["--version"];
    await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    return false;
  }
}
