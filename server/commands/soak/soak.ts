import { parseOptions, type SoakOptions, USAGE, UsageError } from "./options.ts";
import { Progress } from "./progress.ts";
import { run } from "./run.ts";
import { SoakError } from "./soak_error.ts";
import { formatJson, formatTable } from "./table.ts";
import { isClean } from "./report.ts";

/**
 * Proves a server: reads and sends through a bad network, and counts. Returns the exit status: 0 if nothing was lost,
 * duplicated or out of order, 1 if something was or no run could be made, 2 if the arguments cannot be used.
 */
export async function soak(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options !== undefined) return await prove(options);
    console.log(USAGE);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) return fail(`${error.message}\n\n${USAGE}`, 2);
    if (error instanceof SoakError) return fail(error.message, 1);
    throw error;
  }
}

async function prove(options: SoakOptions): Promise<number> {
  using progress = new Progress(options);
  const result = await run(options, {
    onStanding: (standing) => progress.show(standing),
    onRemark: (text) => progress.say(text),
  });
  for (const story of result.cases) console.error(story);
  if (result.folder !== undefined) console.error(`Kept for a look: ${result.folder}`);
  console.log(options.isJson ? formatJson(result) : formatTable(result));
  return isClean(result) ? 0 : 1;
}

function fail(message: string, status: number): number {
  console.error(message);
  return status;
}
