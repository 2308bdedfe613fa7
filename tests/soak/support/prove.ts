import { join } from "node:path";
import manifest from "../../../deno.json" with { type: "json" };
import type { Result } from "../../../server/commands/soak/run.ts";

/** How a prover ended, and all that it said. */
export interface Proof {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed. */
  readonly result: Result;
}

/** What the start of a server may do, the prover may do too; besides, it starts one. */
const FLAGS = manifest.tasks.start.command.split(" ").slice(1, -1);

/** Runs `halley soak` to its end. */
export async function prove(...args: readonly string[]): Promise<Proof> {
  const entry = join(import.meta.dirname!, "entry.ts");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...FLAGS, "--allow-run", entry, ...args],
    stdin: "null",
  }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const result = args.includes("--json") && code < 2 ? JSON.parse(text!) : undefined;
  return { code, stdout: text!, stderr: errors!, result };
}
