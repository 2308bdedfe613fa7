/**
 * Stands in for `jsr:@std/dotenv` where JSR is out of reach: same names, same behaviour, for what is used here.
 *
 * @module
 */
import * as util from "node:util";
import { parsePlainly } from "./parse_plainly.ts";

/** Reads a `.env` text into names and values. */
export function parse(text: string): Record<string, string> {
  // Deno 2.5, which Deno Deploy runs on, has none.
  if (!("parseEnv" in util)) return parsePlainly(text);
  // parseEnv yields an object without a prototype; callers expect an ordinary one.
  return { ...util.parseEnv(text) as Record<string, string> };
}
