import { join } from "node:path";
import type { ReadSetting } from "../base/setting_reader.ts";
import { StartError } from "../base/start_error.ts";
import { type CertificateFiles, readCertificate } from "../http/tls/certificate.ts";
import { readLanguages } from "../http/languages/languages.ts";
import { checkAddress } from "../http/listener.ts";
import { type FileSettings, folderOf } from "../files/file_settings.ts";
import { cannotStoreFiles } from "../files/folder_storage.ts";
import { SourceError } from "../notices/sources/notice_source.ts";
import { openSource } from "../notices/sources/open_source.ts";
import { checkFolder, checkStore } from "../stores/check_store.ts";
import { type Config, inspectSettings } from "./config.ts";
import { ignoredSettings } from "./ignored_settings.ts";
import { mergeSettings, type SettingSource } from "./setting_sources.ts";
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

/**
 * Checks for `halley check` whether the server can start: the settings, the certificate, the store, the address,
 * the files, the languages, and the database of notices. An earlier source overrides a later one.
 */
export async function inspect(sources: readonly SettingSource[]): Promise<Inspection> {
  const { config, read } = inspectSettings(mergeSettings(sources));
  const width = Math.max(...read.settings.map(({ name }) => name.length));
  const lines = read.settings.map((setting) =>
    `${setting.name.padEnd(width)}  ${formatValue(setting)}  (${sourceOf(setting, sources)})`
  );
  const certificateErrors = config.certificate ? await checkCertificate(config.certificate) : [];
  const store = await checkStore(config.store);
  const address = checkAddress(config);
  const addressReasons = address ? [address.reason] : [];
  return {
    lines,
    errors: [
      ...read.errors,
      ...certificateErrors,
      ...(store.error === undefined ? [] : [store.error]),
      ...checkFiles(config.files),
      ...await checkLanguages(config),
      ...(address?.isInUse ? [] : addressReasons),
      ...await checkNotices(config),
    ],
    warnings: [
      // It may be this very server.
      ...(address?.isInUse ? addressReasons : []),
      ...(store.warnings ?? []),
      ...ignoredSettings(sources, read.settings),
      ...configWarnings(config, read.settings),
    ],
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

async function checkCertificate(files: CertificateFiles): Promise<readonly string[]> {
  try {
    await readCertificate(files);
    return [];
  } catch (error) {
    if (error instanceof StartError) return [error.message];
    throw error;
  }
}

/** Whether files can be stored: the server creates the folder if there is none. */
function checkFiles(settings: FileSettings): readonly string[] {
  const folder = folderOf(settings);
  if (folder === undefined) return [];
  try {
    checkFolder(folder);
    return [];
  } catch (error) {
    return [cannotStoreFiles(folder, error)];
  }
}

/** Whether the sentences of the operator can be used. */
async function checkLanguages({ languages }: Config): Promise<readonly string[]> {
  try {
    await readLanguages(join(import.meta.dirname ?? ".", "..", "..", "static"), languages);
    return [];
  } catch (error) {
    if (error instanceof StartError) return [error.message];
    throw error;
  }
}

/** Connects to the database of notices, if there is one, and checks its query. */
async function checkNotices({ notices }: Config): Promise<readonly string[]> {
  const { isOn, database } = notices;
  if (!isOn || database === undefined) return [];
  try {
    await using source = await openSource({ ...notices, database, onNotify: () => {} });
    await source.check();
    return [];
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const isUnavailable = error.kind === "unavailable";
    return [isUnavailable ? `${error.message}. ${UNAVAILABLE}` : error.message];
  }
}

const UNAVAILABLE = "Start the database or correct NOTICES_DB; only a server that has read it " +
  "before starts without it";
