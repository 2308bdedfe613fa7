/**
 * Stands in for `jsr:@std/dotenv` where JSR is out of reach: same names, same behaviour, for what is used here.
 *
 * @module
 */
import * as util from "node:util";
import { parsePlainly } from "./parse_plainly.ts";

/** Where to read from, and whether the values also go into the environment. */
export interface LoadOptions {
  /** The file to read; `null` reads none. Default: `./.env`. */
  envPath?: string | URL | null;
  /** Also set each value in `Deno.env`, unless it is set there already. Default: false. */
  export?: boolean;
}

/** Reads a `.env` text into names and values. */
export function parse(text: string): Record<string, string> {
  // Deno 2.5, which Deno Deploy runs on, has none.
  if (!("parseEnv" in util)) return parsePlainly(text);
  // parseEnv yields an object without a prototype; callers expect an ordinary one.
  return { ...util.parseEnv(text) as Record<string, string> };
}

/** Reads a `.env` file. A missing file reads as an empty one; any other error is thrown. */
export async function load(options: LoadOptions = {}): Promise<Record<string, string>> {
  const { envPath = "./.env" } = options;
  if (envPath === null) return {};
  const values = parse(await readIfThere(envPath));
  if (options.export) {
    for (const [name, value] of Object.entries(values)) {
      if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
    }
  }
  return values;
}

async function readIfThere(path: string | URL): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
