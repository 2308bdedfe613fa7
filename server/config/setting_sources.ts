import { dirname, join } from "node:path";
import { parse } from "@std/dotenv";
import { errorMessage } from "../base/error_message.ts";
import { ConfigError, type Environment } from "../base/setting_reader.ts";

/** The settings of one source: the environment, or a `.env` file. */
export interface SettingSource {
  /** Shown beside each setting that comes from here. */
  readonly name: string;
  readonly values: Environment;
  /** Whether all variables of this source are meant for Halley: then an unknown name is a mistake. */
  readonly isOwn: boolean;
  /** The numbers of lines that are not settings. */
  readonly ignoredLines: readonly number[];
}

/** Reads the settings of all sources, merged. Throws a `ConfigError` if a file cannot be read. */
export async function readSettings(): Promise<Environment> {
  return mergeSettings(await readSettingSources());
}

/** An earlier source overrides a later one. */
export function mergeSettings(sources: readonly SettingSource[]): Environment {
  return Object.assign({}, ...sources.map(({ values }) => values).reverse());
}

/**
 * Reads the environment, the `.env` file of the working directory and, for the compiled executable, the one beside it.
 * An earlier source overrides a later one. Throws a `ConfigError` if a file cannot be read.
 */
export async function readSettingSources(): Promise<readonly SettingSource[]> {
  const environment = {
    name: "environment",
    values: Deno.env.toObject(),
    isOwn: false,
    ignoredLines: [],
  };
  const local = await readEnvFile(".env");
  if (!Deno.build.standalone) return [environment, local];
  return [environment, local, await readEnvFile(join(dirname(Deno.execPath()), ".env"))];
}

/** Reads a `.env` file; a missing one has no settings. Throws a `ConfigError` if it cannot be read, or is not UTF-8. */
export async function readEnvFile(path: string): Promise<SettingSource> {
  // An old editor ends lines with a carriage return alone, which would make one comment of the whole file.
  const text = decode(path, await readIfThere(path)).replace(/\r\n?/g, "\n");
  return { name: path, values: parse(text), isOwn: true, ignoredLines: findIgnoredLines(text) };
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw new ConfigError(`Cannot read "${path}": ${errorMessage(error)}`);
  }
}

/** Decodes a file as UTF-8. Settings of a file in another encoding would be missed without a word. */
function decode(path: string, bytes: Uint8Array<ArrayBuffer>): string {
  if (bytes.includes(0)) {
    throw new ConfigError(
      `Cannot read "${path}": it contains zero bytes, as UTF-16 does. Save it as UTF-8`,
    );
  }
  try {
    // Files that were joined have byte order marks in the middle, too.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/^\ufeff/gm, "");
  } catch {
    throw new ConfigError(
      `Cannot read "${path}": it contains bytes that are not UTF-8. Save it as UTF-8`,
    );
  }
}

/** A comment, a blank line or a setting, whose value in quotes may have several lines; or any other line. */
const LINES =
  /^(?:[^\S\n]*(?:#.*|[^=#\n]+=[^\S\n]*(?:'[^']*'|"[^"]*"|`[^`]*`)?.*)?|(?<ignored>.+))$/gm;

function findIgnoredLines(text: string): readonly number[] {
  return [...text.matchAll(LINES)].filter(({ groups }) => groups?.ignored !== undefined)
    .map(({ index }) => text.slice(0, index).split("\n").length);
}
