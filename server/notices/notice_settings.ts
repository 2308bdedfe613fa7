import type { SettingReader } from "../base/setting_reader.ts";
import type { NoticeDatabase } from "./sources/notice_database.ts";

/** Which notices are read from a database, and how. Times in ms. */
export interface NoticeSettings {
  /** Whether they are read at all. */
  readonly isOn: boolean;
  readonly database: NoticeDatabase | undefined;
  /** Instead of the one for the table `system_messages`. */
  readonly query: string | undefined;
  /** On which channel the database tells of new rows. */
  readonly listen: string | undefined;
  readonly from: "now" | "start";
  readonly window: number;
  readonly timeLimit: number;
}

const DATABASES =
  "none, sqlite:<path of a file>, or postgres://<user>:<password>@<host>/<database>";

const QUERIES = "none, or a query that begins with SELECT or WITH";

const CHANNELS = "none, or a name of small letters, digits and _, at most 63 of them";

const HOUR = 3_600_000;

/** Reads the settings of the notices from a database. */
export function readNoticeSettings(read: SettingReader): NoticeSettings {
  const settings = {
    isOn: read.oneOf("HAS_DB", "N", ["Y", "N"]) === "Y",
    database: read.secret("NOTICES_DB", "none", parseDatabase, DATABASES).database,
    query: read.parsed("NOTICES_QUERY", "none", parseQuery, QUERIES).query,
    listen: read.parsed("NOTICES_LISTEN", "none", parseListen, CHANNELS).listen,
    from: read.oneOf("NOTICES_FROM", "now", ["now", "start"]),
    window: read.wholeNumber("NOTICES_WINDOW", 60_000, { min: 0, max: HOUR }),
    timeLimit: read.wholeNumber("NOTICES_TIMEOUT", 5_000, { min: 100, max: 60_000 }),
  };
  const { isOn, database, listen } = settings;
  if (isOn && database === undefined) {
    read.addError("HAS_DB is Y, and NOTICES_DB names no database");
  }
  if (isOn && database?.kind === "sqlite" && listen !== undefined) {
    read.addError("NOTICES_LISTEN is set, and NOTICES_DB is SQLite, which tells of nothing");
  }
  return settings;
}

function parseDatabase(
  word: string,
): { readonly database: NoticeDatabase | undefined } | undefined {
  if (word === "none") return { database: undefined };
  // A path may stand alone, unless it could be taken for something else.
  const [, path] = /^(?:sqlite:|(?![\w+.-]+:))(.+)$/.exec(word) ?? [];
  if (path !== undefined) return { database: { kind: "sqlite", path } };
  const url = /^postgres(ql)?:\/\//.test(word) ? URL.parse(word) : null;
  return url === null ? undefined : { database: { kind: "postgres", url: word } };
}

function parseQuery(text: string): { readonly query: string | undefined } | undefined {
  if (text === "none") return { query: undefined };
  return /^(SELECT|WITH)\s/i.test(text) ? { query: text } : undefined;
}

function parseListen(word: string): { readonly listen: string | undefined } | undefined {
  if (word === "none") return { listen: undefined };
  return /^[a-z_][a-z0-9_]{0,62}$/.test(word) ? { listen: word } : undefined;
}
