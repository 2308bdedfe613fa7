import { readConfig } from "../../server/config/config.ts";
import { ConfigError, type Environment } from "../../server/base/setting_reader.ts";

/** The errors that `readConfig` reports, one a line. */
export function configErrors(environment: Environment): string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n").slice(1).map((line) => line.trim());
  }
}
