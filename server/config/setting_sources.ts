import { dirname, join } from "node:path";
import { load } from "@std/dotenv";
import { errorMessage } from "../base/error_message.ts";
import { ConfigError, type Environment } from "../base/setting_reader.ts";

/** The settings of one source: the environment, or a `.env` file. */
export interface SettingSource {
  /** Shown beside each setting that comes from here. */
  readonly name: string;
  readonly values: Environment;
  /** Whether all variables of this source are meant for Halley: then an unknown name is a mistake. */
  readonly isOwn: boolean;
}

/** Reads the settings of all sources, merged. Throws a `ConfigError` if a file cannot be read. */
export async function readSettings(): Promise<Environment> {
  const sources = await readSettingSources();
  return Object.assign({}, ...sources.map(({ values }) => values).reverse());
}

/**
 * Reads the environment, the `.env` file of the working directory and, for the compiled executable, the one beside it.
 * An earlier source overrides a later one. Throws a `ConfigError` if a file cannot be read.
 */
export async function readSettingSources(): Promise<readonly SettingSource[]> {
  const environment = { name: "environment", values: Deno.env.toObject(), isOwn: false };
  const local = { name: ".env", values: await readEnvFile("."), isOwn: true };
  if (!Deno.build.standalone) return [environment, local];
  const folder = dirname(Deno.execPath());
  const besideIt = { name: join(folder, ".env"), values: await readEnvFile(folder), isOwn: true };
  return [environment, local, besideIt];
}

async function readEnvFile(folder: string): Promise<Environment> {
  const envPath = join(folder, ".env");
  try {
    return await load({ envPath });
  } catch (error) {
    throw new ConfigError(`Cannot read "${envPath}": ${errorMessage(error)}`);
  }
}
