import { inspect, type Inspection } from "../config/inspect.ts";
import { readConfig } from "../config/config.ts";
import { readSettings, readSettingSources } from "../config/setting_sources.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./command_error.ts";
import { checkLive } from "./live_check.ts";

/** `halley check` */
export const CHECK: Command = {
  usage: `usage:
  halley check           print every setting with its value and source, without secrets, then
                         warnings and errors; the status is 2 if the server could not start
  halley check --live    ask the server that runs with these settings whether it is live, for health
                         checks; the status is 0 if it is`,

  async run(args) {
    const [option, ...others] = args;
    const unknown = option === "--live" ? others[0] : option;
    if (unknown !== undefined) throw new UsageError(`Unknown argument "${unknown}"`);
    if (option === "--live") return await checkLive(readConfig(await readSettings()));
    const inspection = await inspect(await readSettingSources());
    console.log(formatInspection(inspection));
    return inspection.errors.length === 0 ? 0 : 2;
  },
};

function formatInspection({ lines, errors, warnings }: Inspection): string {
  return [
    ...lines,
    ...section("Warnings:", warnings),
    ...section("Invalid settings:", errors),
    "",
    errors.length === 0 ? "The server can start with these settings." : "The server cannot start.",
  ].join("\n");
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ["", title, ...items.map((item) => `  ${item}`)];
}
