import { DatabaseSync } from "node:sqlite";

/** What SQLite alone gives on the disk that Halley's store is on while it is measured. */
export interface CommitFloor {
  /** Durable commits of one row each. */
  readonly singlesPerSecond: number;
  /** Rows in durable commits of 64 rows each. */
  readonly groupedPerSecond: number;
}

const DURATION = 1_000;
const GROUP = 64;

/** Measures raw `node:sqlite` in WAL mode with `synchronous=FULL`. */
export async function measureCommitFloor(): Promise<CommitFloor> {
  const folder = await Deno.makeTempDir({ prefix: "halley-bench-" });
  try {
    return measureIn(`${folder}/floor.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function measureIn(path: string): CommitFloor {
  using database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE messages (id INTEGER PRIMARY KEY, channel TEXT, body TEXT)");
  const insert = database.prepare("INSERT INTO messages (channel, body) VALUES (?, ?)");
  const insertOne = () => insert.run("room:tea", "0123456789".repeat(20));
  return {
    singlesPerSecond: perSecond(insertOne),
    groupedPerSecond: GROUP * perSecond(() => {
      database.exec("BEGIN");
      for (let i = 0; i < GROUP; i++) insertOne();
      database.exec("COMMIT");
    }),
  };
}

function perSecond(act: () => void): number {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < DURATION) {
    act();
    count++;
  }
  return count * 1000 / (performance.now() - start);
}
