import { inspect, type Inspection } from "../config/inspect.ts";
import { readSettingSources } from "../config/setting_sources.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./command_error.ts";

/** `halley check` */
export const CHECK: Command = {
  usage: `usage: halley check

Prints every setting with its value and source, then warnings and errors. Secrets are not shown. The
status is 2 if a setting is invalid.`,

  async run(args) {
    if (args.length > 0) throw new UsageError(`Unknown argument "${args[0]}"`);
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
