import type { ReadSetting } from "../base/setting_reader.ts";
import { StartError } from "../base/start_error.ts";
import { type CertificateFiles, readCertificate } from "../http/tls/certificate.ts";
import { inspectSettings } from "./config.ts";
import type { SettingSource } from "./setting_sources.ts";
import { configWarnings } from "./warnings.ts";

/** The result of {@linkcode inspect}. */
export interface Inspection {
  /** A line for each setting: its name, its value, and its source. */
  readonly lines: readonly string[];
  /** The server cannot start with these. */
  readonly errors: readonly string[];
  /** The server can start, but these may be mistakes. */
  readonly warnings: readonly string[];
}

/** Checks the settings for `halley check`. An earlier source overrides a later one. */
export async function inspect(sources: readonly SettingSource[]): Promise<Inspection> {
  const environment = Object.assign({}, ...sources.map(({ values }) => values).reverse());
  const { config, read } = inspectSettings(environment);
  const names = new Set(read.settings.map(({ name }) => name));
  const width = Math.max(...[...names].map((name) => name.length));
  const lines = read.settings.map((setting) =>
    `${setting.name.padEnd(width)}  ${formatValue(setting)}  (${sourceOf(setting, sources)})`
  );
  const certificateErrors = config.certificate ? await checkCertificate(config.certificate) : [];
  return {
    lines,
    errors: [...read.errors, ...certificateErrors],
    warnings: [...unknownNames(sources, names), ...configWarnings(config, read.settings)],
  };
}

function sourceOf({ name, isSet }: ReadSetting, sources: readonly SettingSource[]): string {
  if (!isSet) return "default";
  return sources.find(({ values }) => values[name]?.trim())?.name ?? "default";
}

/** Formats a value without secrets. */
function formatValue({ value, isSecret }: ReadSetting): string {
  if (isSecret && value !== "none") return "set, not shown";
  // Any URL may contain a user name and a password.
  return JSON.stringify(value.replace(/(?<=\/\/).+(?=@)/, "…")).slice(1, -1);
}

/** The settings of the commands that send requests to a server. */
const CLIENT_SETTINGS = ["HALLEY_URL", "HALLEY_KEY"];

/** Names in a `.env` file that are not settings are probably misspelled. */
function unknownNames(sources: readonly SettingSource[], known: ReadonlySet<string>): string[] {
  return sources.filter(({ isOwn }) => isOwn).flatMap(({ name: source, values }) =>
    Object.keys(values).filter((name) => !known.has(name) && !CLIENT_SETTINGS.includes(name))
      .map((name) => `${name} in ${source} is not a setting of Halley and is ignored`)
  );
}

async function checkCertificate(files: CertificateFiles): Promise<readonly string[]> {
  try {
    await readCertificate(files);
    return [];
  } catch (error) {
    if (error instanceof StartError) return [error.message];
    throw error;
  }
}
