/** The settings, and what is wrong with them. */
export interface Findings {
  readonly lines: readonly string[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** How `halley check` is called. */
export const CHECK_USAGE = `usage: halley check

Prints every setting with its value and source, then warnings and errors. Secrets are not shown.
Exits with status 2 if a setting is invalid.`;

/** What `halley check` prints. */
export function formatFindings({ lines, errors, warnings }: Findings): string {
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
