import { join } from "node:path";
import manifest from "../../../deno.json" with { type: "json" };
import type { Report } from "../../../server/commands/soak/report.ts";

/** The exit status and the output of `halley soak`. */
export interface Proof {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed. */
  readonly report: Report;
}

/** The flags of `deno task start`. Soak also needs `--allow-run`, to start a server. */
const FLAGS = manifest.tasks.start.command.split(" ").slice(1, -1);

/** Runs `halley soak` to its end. */
export function prove(...args: readonly string[]): Promise<Proof> {
  return proveFrom(join(import.meta.dirname!, "../../.."), ...args);
}

/** Runs `halley soak` from a copy of the sources. */
export async function proveFrom(folder: string, ...args: readonly string[]): Promise<Proof> {
  const main = join(folder, "main.ts");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...FLAGS, "--allow-run", main, "soak", ...args],
    stdin: "null",
  }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const hasReport = args.includes("--json") && code < 2;
  if (hasReport && text === "") throw new Error(`Soak has not reported anything: ${errors}`);
  const report = hasReport ? JSON.parse(text!) : undefined;
  return { code, stdout: text!, stderr: errors!, report };
}
