import { StartError } from "../base/start_error.ts";
import { readCertificate } from "../http/tls/certificate.ts";
import { inspectSettings } from "./config.ts";
import { configWarnings } from "./warnings.ts";
import type { Environment, ReadSetting } from "../base/setting_reader.ts";

/** Settings from one place. */
export interface SettingSource {
  /** What the place is called. */
  readonly name: string;
  readonly values: Environment;
  /** Whether all that stands there is meant for Halley. */
  readonly isOwn: boolean;
}

/** What is known of all settings. */
export interface Inspection {
  /** A line for each setting: its name, its value, and where that is from. */
  readonly lines: readonly string[];
  /** With these, nothing starts. */
  readonly faults: readonly string[];
  /** With these, it starts, and should be looked at. */
  readonly dangers: readonly string[];
}

/** Looks at settings from several places, of which an earlier one wins over a later one. */
export async function inspect(sources: readonly SettingSource[]): Promise<Inspection> {
  const environment = Object.assign({}, ...sources.map(({ values }) => values).reverse());
  const { config, read } = inspectSettings(environment);
  const names = new Set(read.settings.map(({ name }) => name));
  const width = Math.max(...[...names].map((name) => name.length));
  const lines = read.settings.map((setting) =>
    `${setting.name.padEnd(width)}  ${shown(setting)}  (${sourceOf(setting, sources)})`
  );
  const certificateFault = config.certificate && await faultOf(config.certificate);
  return {
    lines,
    faults: [...read.faults, ...certificateFault ?? []],
    dangers: [...unknownNames(sources, names), ...configWarnings(config, read.settings)],
  };
}

function sourceOf({ name, isSet }: ReadSetting, sources: readonly SettingSource[]): string {
  if (!isSet) return "default";
  return sources.find(({ values }) => values[name]?.trim())?.name ?? "default";
}

/** A value as everybody may see it. */
function shown({ value, isSecret }: ReadSetting): string {
  if (isSecret && value !== "none") return "set, not shown";
  // A name and a password may stand in any address.
  return JSON.stringify(value.replace(/(?<=\/\/).+(?=@)/, "…")).slice(1, -1);
}

/** What stands in a file and is no setting: a slip of the pen, most likely. */
function unknownNames(sources: readonly SettingSource[], known: ReadonlySet<string>): string[] {
  return sources.filter(({ isOwn }) => isOwn).flatMap(({ name: place, values }) =>
    Object.keys(values).filter((name) => !known.has(name) && !CLIENTS.includes(name))
      .map((name) => `${name} in ${place} is no setting of Halley's: it counts for nothing`)
  );
}

/** Settings of the commands that ask a server. */
const CLIENTS = ["HALLEY_URL", "HALLEY_KEY"];

async function faultOf(files: Parameters<typeof readCertificate>[0]): Promise<string[]> {
  try {
    await readCertificate(files);
    return [];
  } catch (error) {
    if (error instanceof StartError) return [error.message];
    throw error;
  }
}
