import type { DatabaseSync } from "node:sqlite";
import type { Runtime } from "../../base/runtime.ts";
import { patternsOf } from "../../protocol/room_pattern.ts";
import { newEpoch } from "../epoch_and_salt.ts";

type Step = string | ((database: DatabaseSync) => void);

/**
 * Migrations: the step at index n upgrades a database from version n to n + 1. A released step must never change, which
 * is why some names are older than the ones in the code: `marks` holds read markers, `filings` the topics of messages,
 * `notebook` the key-value pairs.
 */
const STEPS: readonly Step[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

  -- A message as the JSON that readers receive.
  CREATE TABLE messages (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, message TEXT NOT NULL) STRICT;

  -- The topics of each message.
  CREATE TABLE filings (topic TEXT, id INTEGER, PRIMARY KEY (topic, id)) STRICT, WITHOUT ROWID;

  -- Idempotency keys, oldest first.
  CREATE TABLE keys (
    number INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    key TEXT NOT NULL,
    id INTEGER NOT NULL,
    digest TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (sender, key)
  ) STRICT;

  CREATE TABLE sessions (
    public_token TEXT PRIMARY KEY,
    private_digest TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_last_seen ON sessions (last_seen);
  `,
  `
  -- Read markers: how far each session has read its conversations.
  CREATE TABLE marks (
    public_token TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
    channel TEXT NOT NULL,
    read_up_to INTEGER NOT NULL,
    delivered_up_to INTEGER NOT NULL,
    PRIMARY KEY (public_token, channel)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- An application's user can have several private tokens, one per sign-in.
  ALTER TABLE sessions RENAME TO guests;
  DROP INDEX sessions_by_last_seen;
  ALTER TABLE marks RENAME TO guest_marks;

  CREATE TABLE sessions (
    public_token TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    user_id TEXT
  ) STRICT, WITHOUT ROWID;
  INSERT INTO sessions
    SELECT public_token, display_name, created_at, last_seen, acknowledged, NULL FROM guests;
  CREATE INDEX sessions_by_last_seen ON sessions (last_seen);

  CREATE TABLE tokens (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    public_token TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE
  ) STRICT;
  INSERT INTO tokens (digest, public_token) SELECT private_digest, public_token FROM guests;
  CREATE INDEX tokens_by_session ON tokens (public_token);

  CREATE TABLE marks (
    public_token TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
    channel TEXT NOT NULL,
    read_up_to INTEGER NOT NULL,
    delivered_up_to INTEGER NOT NULL,
    PRIMARY KEY (public_token, channel)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO marks SELECT * FROM guest_marks;
  DROP TABLE guest_marks;
  DROP TABLE guests;

  -- A tab has received, or a session has read, the messages for it after one id and up to another.
  CREATE TABLE receipts (
    number INTEGER PRIMARY KEY,
    public_token TEXT NOT NULL,
    channel TEXT NOT NULL,
    tab TEXT NOT NULL,
    kind TEXT NOT NULL,
    after INTEGER NOT NULL,
    up_to INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX receipts_by_reader ON receipts (public_token, up_to);

  CREATE TABLE notebook (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- Tasks and when they are due.
  CREATE TABLE queue (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    due INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX queue_by_due ON queue (due, number);

  INSERT INTO meta VALUES ('salt', lower(hex(randomblob(32))));
  `,
  `
  -- When all tokens of a session were last revoked.
  ALTER TABLE sessions ADD COLUMN revoked_at INTEGER;
  `,
  `
  -- Guests that have made no request since they signed in.
  CREATE INDEX sessions_unused ON sessions (created_at)
    WHERE last_seen = created_at AND user_id IS NULL;

  -- Conversations that someone else has opened, and in which the session has sent nothing.
  ALTER TABLE marks ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- The size of each channel, and its oldest message, so that the largest channels are found.
  CREATE TABLE channels (
    channel TEXT PRIMARY KEY,
    is_private INTEGER NOT NULL,
    oldest INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO channels
    SELECT topic, topic LIKE 'direct:%' OR topic LIKE 'notice:%', min(id), count(*),
      sum(octet_length(message))
    FROM filings JOIN messages USING (id) WHERE topic NOT LIKE 'inbox:%' GROUP BY topic;
  CREATE INDEX channels_by_messages ON channels (is_private, messages DESC, oldest);
  CREATE INDEX channels_by_bytes ON channels (is_private, bytes DESC, oldest);

  -- The messages of a topic up to this id have been removed. 'trimmed' in meta holds for all topics.
  CREATE TABLE trimmed (topic TEXT PRIMARY KEY, up_to INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX trimmed_by_id ON trimmed (up_to);
  `,
  `
  -- Direct messages are stored and counted under their sender, too: 'channels' holds senders instead of conversations.
  INSERT INTO filings
    SELECT 'sent:' || json_extract(message, '$.from.publicToken'), id
    FROM filings JOIN messages USING (id)
    WHERE topic LIKE 'direct:%' AND json_extract(message, '$.from.publicToken') IS NOT NULL;
  DELETE FROM channels WHERE channel LIKE 'direct:%';
  INSERT INTO channels
    SELECT topic, 1, min(id), count(*), sum(octet_length(message))
    FROM filings JOIN messages USING (id) WHERE topic LIKE 'sent:%' GROUP BY topic;
  `,
  `
  -- Messages after this id are not in filings and keys yet, and not counted in channels.
  INSERT INTO meta SELECT 'indexed', coalesce(max(id), 0) FROM messages;
  INSERT INTO meta SELECT 'counted', coalesce(max(id), 0) FROM messages;

  -- The keys of messages that are not in keys yet.
  CREATE TABLE new_keys (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL
  ) STRICT;
  `,
  // Versions without changes of messages must not open a log that can have some: they would show them as messages.
  "",
  fileByPattern,
  `
  -- What a session has chosen for a conversation: which messages it is notified of, and whether it is pinned.
  ALTER TABLE marks ADD COLUMN notify TEXT;
  ALTER TABLE marks ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- The tables of words, each with the messages from an id on. 'is_dirty': 1 if it has words of messages that are gone, 2 while these are removed.
  CREATE TABLE word_tables (first INTEGER PRIMARY KEY, is_dirty INTEGER NOT NULL) STRICT;

  -- Messages after 'words_after' and up to 'words_up_to' are in them. Earlier ones are added later, newest first.
  INSERT INTO meta SELECT 'words_after', coalesce(max(id), 0) FROM messages;
  INSERT INTO meta SELECT 'words_up_to', coalesce(max(id), 0) FROM messages;
  `,
  `
  -- The message from which on a session has marked a conversation as unread; 0 if it has not.
  ALTER TABLE marks ADD COLUMN unread_from INTEGER NOT NULL DEFAULT 0;
  `,
];

/** The schema version that this program reads and writes. */
export const SCHEMA_VERSION = STEPS.length;

/** Upgrades a database to the current version in one transaction. Throws if a newer program has created it. */
export function migrate(database: DatabaseSync, runtime?: Runtime): void {
  const version = supportedVersionOf(database);
  if (version === SCHEMA_VERSION) return;
  database.exec("BEGIN IMMEDIATE");
  for (const step of STEPS.slice(version)) {
    if (typeof step === "string") database.exec(step);
    else step(database);
  }
  if (version === 0) {
    database.prepare("INSERT INTO meta VALUES ('epoch', ?), ('trimmed', 0)").run(newEpoch(runtime));
  }
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  database.exec("COMMIT");
}

/** Files what is in a room under the patterns of the room, too. Takes a few seconds per million messages in such rooms. */
function fileByPattern(database: DatabaseSync): void {
  database.exec("CREATE TEMP TABLE rooms (room TEXT, pattern TEXT)");
  const insert = database.prepare("INSERT INTO rooms VALUES (?, ?)");
  // A topic of the index at a time, without visiting its messages.
  const next = database.prepare(`
    SELECT min(topic) AS room FROM (
      SELECT min(topic) AS topic FROM filings WHERE topic > ?1 AND topic < 'room;' UNION ALL
      SELECT min(topic) AS topic FROM trimmed WHERE topic > ?1 AND topic < 'room;')`);
  for (let room = "room:";;) {
    const found = next.get(room)?.room;
    if (typeof found !== "string") break;
    room = found;
    for (const pattern of patternsOf(room)) insert.run(room, pattern);
  }
  database.exec(`
    INSERT INTO filings
      SELECT pattern, id FROM rooms JOIN filings ON topic = room ORDER BY pattern, id;
    INSERT INTO trimmed
      SELECT pattern, max(up_to) FROM rooms JOIN trimmed ON topic = room GROUP BY pattern;
    DROP TABLE rooms;
  `);
}

/** The schema version of a database; 0 if it has no schema. */
export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

/** Like {@linkcode versionOf}, but throws if a newer program has created the database. */
export function supportedVersionOf(database: DatabaseSync): number {
  const version = versionOf(database);
  if (version <= SCHEMA_VERSION) return version;
  throw new Error(
    `its schema has version ${version}, this program supports up to ${SCHEMA_VERSION}: update Halley`,
  );
}
