import { assertStringIncludes } from "@std/assert";
import { join } from "node:path";

/** A mistake in one file of the sources. */
export interface Change {
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

const ROOT = join(import.meta.dirname!, "../../..");

/** Copies what `halley soak` needs of the sources into an empty folder, and makes a mistake there. */
export async function copyWith(folder: string, { file, right, wrong }: Change): Promise<void> {
  const parts = ["main.ts", "deno.json", "deno.lock", "server", "client", "static", "links"];
  const args = ["-r", ...parts.map((part) => join(ROOT, part)), folder];
  await new Deno.Command("cp", { args }).output();
  const source = await Deno.readTextFile(join(folder, file));
  assertStringIncludes(source, right);
  await Deno.writeTextFile(join(folder, file), source.replace(right, wrong));
}
