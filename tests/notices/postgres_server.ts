import { delay } from "../../server/base/delay.ts";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import { join } from "node:path";
import postgres from "postgres";

/** A PostgreSQL server for one test file, with a temporary folder. */
export class PostgresServer implements AsyncDisposable {
  readonly #port = new ReservedPort();
  /** Its folder, which also has its Unix socket. */
  readonly folder: string;
  readonly #binaries: string;
  readonly #user: User;
  #process: Deno.ChildProcess | undefined;
  #tlsOptions: readonly string[] = [];

  /** Returns `undefined`, with a warning, if PostgreSQL is not installed or cannot run. */
  static async start(): Promise<PostgresServer | undefined> {
    const binaries = await findBinaries();
    const user = await findUser();
    if (binaries === undefined || user === undefined) {
      const missing = binaries === undefined ? "PostgreSQL is not installed" : "root cannot run it";
      console.error(`
!!! Notices from PostgreSQL were NOT tested: ${missing} on this machine.
!!! Run \`apt-get install postgresql\`, then this test again.
`);
      return undefined;
    }
    const folder = await Deno.makeTempDir({ prefix: "halley-postgres-" });
    if (user.uid !== undefined) await Deno.chown(folder, user.uid, user.gid ?? null);
    const server = new PostgresServer(folder, binaries, user);
    await server.#prepare();
    await server.restart();
    return server;
  }

  private constructor(folder: string, binaries: string, user: User) {
    this.folder = folder;
    this.#binaries = binaries;
    this.#user = user;
  }

  get port(): number {
    return this.#port.number;
  }

  /** The URL of a database, for its superuser. */
  url(database = "postgres"): string {
    return `postgres://halley:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }

  /** Creates a database in which `sql` was executed. */
  async database(sql = ""): Promise<TestDatabase> {
    // A schema is faster than a database.
    const name = `tea_${crypto.randomUUID().replaceAll("-", "")}`;
    const database = new TestDatabase(`${this.url()}?search_path=${name}`);
    await database.run(`CREATE SCHEMA ${name}; ${sql}`);
    return database;
  }

  /** Stops the server as a shutdown of its machine does: connections are closed. */
  async stop(): Promise<void> {
    this.#process?.kill("SIGINT");
    await this.#process?.status;
    this.#process = undefined;
  }

  async restart(): Promise<void> {
    this.#process = this.#command("postgres", [
      ...["-D", join(this.folder, "data"), "-k", this.folder, "-p", String(this.port)],
      ...["-c", "listen_addresses=127.0.0.1,::1", "-c", "fsync=off", "-c", "max_connections=50"],
      ...this.#tlsOptions,
    ]).spawn();
    const end = Date.now() + 20_000;
    while (
      !(await this.#command("pg_isready", ["-h", "127.0.0.1", "-p", `${this.port}`]).output())
        .success
    ) {
      if (Date.now() > end) throw new Error("PostgreSQL does not answer");
      await delay(50);
    }
  }

  /** Starts it again with TLS. It trusts client certificates of `authority`. All are in PEM. */
  async useTls(files: { certificate: string; key: string; authority: string }): Promise<void> {
    for (const [name, pem] of Object.entries(files)) {
      const path = join(this.folder, name);
      await Deno.writeTextFile(path, pem, { mode: 0o600 });
      if (this.#user.uid !== undefined) {
        await Deno.chown(path, this.#user.uid, this.#user.gid ?? null);
      }
    }
    this.#tlsOptions = [
      ...["-c", "ssl=on", "-c", `ssl_cert_file=${join(this.folder, "certificate")}`],
      ...["-c", `ssl_key_file=${join(this.folder, "key")}`],
      ...["-c", `ssl_ca_file=${join(this.folder, "authority")}`],
    ];
    await this.stop();
    await this.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#port[Symbol.dispose]();
    await Deno.remove(this.folder, { recursive: true });
  }

  async #prepare(): Promise<void> {
    const password = join(this.folder, "password");
    await Deno.writeTextFile(password, PASSWORD);
    const { success, stderr } = await this.#command("initdb", [
      ...["-D", join(this.folder, "data"), "-U", "halley", "-A", "scram-sha-256"],
      ...["--pwfile", password, "--no-sync", "-E", "UTF8", "--locale", "C"],
    ]).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }

  #command(name: string, args: readonly string[]): Deno.Command {
    return new Deno.Command(join(this.#binaries, name), {
      ...this.#user,
      args: [...args],
      cwd: this.folder,
      stdin: "null",
      stdout: "null",
      stderr: name === "initdb" ? "piped" : "null",
    });
  }
}

/** A database, as its application uses it. */
export class TestDatabase implements AsyncDisposable {
  readonly url: string;
  readonly sql;

  constructor(url: string) {
    this.url = url;
    this.sql = postgres(url, { max: 2, onnotice: () => {}, fetch_types: false });
  }

  async run(sql: string): Promise<void> {
    await this.sql.unsafe(sql);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sql.end();
    // Every client whose connection was closed leaves a timer of 0 ms.
    await delay(2);
  }
}

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

const PASSWORD = "two-leaves-and-a-bud";

async function findBinaries(): Promise<string | undefined> {
  try {
    const versions = await Array.fromAsync(Deno.readDir("/usr/lib/postgresql"));
    const newest = Math.max(...versions.map(({ name }) => Number(name)));
    const folder = `/usr/lib/postgresql/${newest}/bin`;
    await Deno.stat(join(folder, "initdb"));
    return folder;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** PostgreSQL refuses to run as root; Debian's package creates a user for it. */
async function findUser(): Promise<User | undefined> {
  if (Deno.uid() !== 0) return {};
  const users = await Deno.readTextFile("/etc/passwd");
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
