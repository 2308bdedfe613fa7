/** What is known of the settings. */
export interface Findings {
  readonly lines: readonly string[];
  readonly faults: readonly string[];
  readonly dangers: readonly string[];
}

/** How `halley check` is called. */
export const CHECK_USAGE = `usage: halley check

Prints the settings that the server would start with here, and where each is from; secrets are not
shown. Then what should be looked at, and what cannot be used: then the status is 2.`;

/** What `halley check` prints. */
export function formatFindings({ lines, faults, dangers }: Findings): string {
  return [
    ...lines,
    ...section("To be looked at:", dangers),
    ...section("These settings cannot be used:", faults),
    "",
    faults.length === 0 ? "The server can start with these settings." : "The server cannot start.",
  ].join("\n");
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ["", title, ...items.map((item) => `  ${item}`)];
}
