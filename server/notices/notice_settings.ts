import type { SettingReader } from "../base/setting_reader.ts";
import type { NoticeDatabase } from "./sources/notice_database.ts";
import { findInvalidParameters, parsePostgresAddress } from "./sources/postgres_address.ts";

/** The settings of notices from a database. */
export interface NoticeSettings {
  readonly isOn: boolean;
  readonly database: NoticeDatabase | undefined;
  /** The query to read; `undefined` for the table `system_messages`. */
  readonly query: string | undefined;
  /** The PostgreSQL channel that announces new rows. */
  readonly listen: string | undefined;
  /** Whether a database that was never read starts with new rows, or with the existing ones. */
  readonly from: "now" | "start";
  /** How long to look for rows with lower keys that are committed late. */
  readonly windowMs: number;
  /** Maximum duration of a query. */
  readonly timeoutMs: number;
}

const DATABASES =
  "none, sqlite:<path of a file>, or postgres://<user>:<password>@<host>/<database>";

const QUERIES = "none, or a query that begins with SELECT or WITH";

const CHANNELS = "none, or a name of at most 63 lower-case letters, digits and _";

/** Reads the settings of notices from a database. */
export function readNoticeSettings(read: SettingReader): NoticeSettings {
  const settings = {
    isOn: read.oneOf("HAS_DB", "N", ["Y", "N"]) === "Y",
    database: read.secret("NOTICES_DB", "none", parseDatabase, DATABASES).database,
    query: read.parsed("NOTICES_QUERY", "none", parseQuery, QUERIES).query,
    listen: read.parsed("NOTICES_LISTEN", "none", parseListen, CHANNELS).listen,
    from: read.oneOf("NOTICES_FROM", "now", ["now", "start"]),
    windowMs: read.wholeNumber("NOTICES_WINDOW", 60_000, { min: 0, max: 3_600_000 }),
    timeoutMs: read.wholeNumber("NOTICES_TIMEOUT", 5_000, { min: 100, max: 60_000 }),
  };
  const { isOn, database, listen } = settings;
  if (isOn && database === undefined) {
    read.addError("HAS_DB is Y, but NOTICES_DB is none: set NOTICES_DB to a database");
  }
  if (isOn && database?.kind === "sqlite" && listen !== undefined) {
    read.addError("NOTICES_LISTEN is set, but NOTICES_DB is SQLite: only PostgreSQL supports it");
  }
  if (database?.kind === "postgres") {
    for (const problem of findInvalidParameters(database.url)) read.addError(problem);
  }
  return settings;
}

function parseDatabase(
  text: string,
): { readonly database: NoticeDatabase | undefined } | undefined {
  if (text === "none") return { database: undefined };
  // The prefix sqlite: is optional, unless the path looks like a URL.
  const [, path] = /^(?:sqlite:|(?![\w+.-]+:))(.+)$/.exec(text) ?? [];
  if (path !== undefined) return { database: { kind: "sqlite", path } };
  if (!/^postgres(ql)?:\/\//.test(text)) return undefined;
  return parsePostgresAddress(text) && { database: { kind: "postgres", url: text } };
}

function parseQuery(text: string): { readonly query: string | undefined } | undefined {
  if (text === "none") return { query: undefined };
  return /^(SELECT|WITH)\s/i.test(text) ? { query: text } : undefined;
}

function parseListen(text: string): { readonly listen: string | undefined } | undefined {
  if (text === "none") return { listen: undefined };
  return /^[a-z_][a-z0-9_]{0,62}$/.test(text) ? { listen: text } : undefined;
}
