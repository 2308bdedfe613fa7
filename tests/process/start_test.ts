import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import manifest from "../../deno.json" with { type: "json" };
import { type ExitResult, runToEnd, ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { RemoteChat } from "../support/remote_chat.ts";

Deno.test("[O1] without settings and .env the server starts, and creates data/halley.db", async () => {
  await using halley = await ServerProcess.start();
  using chat = new RemoteChat(halley.url);

  assertEquals((await chat.request("GET", "/ready")).status, 200);
  assertEquals(await namesIn(join(halley.folder, "data"), /\.db$/), ["halley.db"]);
});

Deno.test("[O1] .env in the working directory is read", async () => {
  await using halley = await ServerProcess.start({
    files: { ".env": "# Where we talk\nSTORE=sqlite:tea.db\n" },
  });

  assertEquals(await namesIn(halley.folder, /\.db$/), ["tea.db"]);
});

Deno.test("[O1] the environment takes precedence over .env", async () => {
  await using halley = await ServerProcess.start({
    files: { ".env": "STORE=sqlite:tea.db\nPORT=none\n" },
    settings: { STORE: "sqlite:milk.db", PORT: "0" },
  });

  assertEquals(await namesIn(halley.folder, /\.db$/), ["milk.db"]);
});

Deno.test("[O2] all invalid settings of the environment and of .env are reported, with status 2", async () => {
  const result = await runToEnd({
    files: { ".env": "CONNECT_INTERVAL=5\n" },
    settings: { PORT: "http", STORE: "tea.db" },
  });

  assertEquals(result, {
    code: 2,
    signal: null,
    stdout: "",
    stderr: [
      "Invalid settings:",
      '  PORT is "http"; allowed: a whole number from 0 to 65535',
      '  STORE is "tea.db"; allowed: memory, sqlite:<path of a file>, kv, kv:<path of a file>, kv-or-memory, nats://<servers>, or tls://<servers>',
      '  CONNECT_INTERVAL is "5"; allowed: a whole number from 1000 to 55000',
      "",
    ].join("\n"),
  });
});

Deno.test("[O47] a start logs what it ignores in .env", async () => {
  await using halley = await ServerProcess.start({ files: { ".env": "LIMTS=off\nAUTH: jwt\n" } });

  assertStringIncludes(await halley.line(/Line 2/), '"level":"warn","event":"setting_ignored"');
  assertStringIncludes(await halley.line(/LIMTS/), "did you mean LIMITS?");
});

Deno.test("[O2] an unreadable .env is reported without a stack trace, with status 2", async () => {
  using folder = TestFolder.make();
  await Deno.mkdir(join(folder.path, ".env"));

  const { code, stdout, stderr } = await runToEnd({ folder: folder.path });

  assertEquals({ code, stdout }, { code: 2, stdout: "" }, stderr);
  assertMatch(stderr, /^Cannot read .*\.env/);
  assertEquals(stderr.includes("    at "), false, stderr);
});

Deno.test("[O4] a port in use is reported in one line, with status 1", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  const result = await runToEnd({ settings: { PORT: String(taken.addr.port) } });

  assertErrorLine(result, /^Cannot listen on port \d+: it is in use/);
});

Deno.test("[O4] an address of another machine is reported in one line, with status 1", async () => {
  // RFC 5737 reserves this address for documentation.
  const result = await runToEnd({ settings: { HOST: "192.0.2.1" } });

  assertErrorLine(
    result,
    /^Cannot listen on HOST .*: it is not an address or name of this machine/,
  );
});

Deno.test("[O4] a store in a folder that cannot be created is reported in one line, with status 1", async () => {
  const result = await runToEnd({
    files: { "tea": "a file, not a folder" },
    settings: { STORE: "sqlite:tea/halley.db" },
  });

  assertErrorLine(result, /^Cannot open the store "tea\/halley\.db": /);
});

Deno.test("[O4] a store that is a folder is reported in one line, with status 1", async () => {
  const result = await runToEnd({ settings: { STORE: "sqlite:." } });

  assertErrorLine(result, /^Cannot open the store "\.": Is a directory/);
});

Deno.test("[O4] a file that is not a database is reported in one line, with status 1, and is not changed", async () => {
  await using halley = await ServerProcess.spawn({
    files: { "tea.db": "Two leaves and a bud, a kettle, a cup.\n".repeat(100) },
    settings: { STORE: "sqlite:tea.db" },
  });

  assertErrorLine(
    await halley.ended(),
    /^Cannot open the store "tea\.db": file is not a database$/,
  );
  assertStringIncludes(await Deno.readTextFile(join(halley.folder, "tea.db")), "Two leaves");
});

Deno.test("[O4] a database that is locked by another program is reported in one line, with status 1", async () => {
  using folder = TestFolder.make();
  using _lock = lockedDatabase(join(folder.path, "tea.db"));

  const result = await runToEnd({ folder: folder.path, settings: { STORE: "sqlite:tea.db" } });

  assertErrorLine(result, /^Cannot open the store "tea\.db": database is locked$/);
});

Deno.test("[O4] a database of a newer Halley is reported in one line, with status 1", async () => {
  using folder = TestFolder.make();
  {
    using database = new DatabaseSync(join(folder.path, "tea.db"));
    database.exec("PRAGMA user_version = 999");
  }

  const result = await runToEnd({ folder: folder.path, settings: { STORE: "sqlite:tea.db" } });

  assertErrorLine(result, /^Cannot open the store "tea\.db": its schema has version 999/);
});

Deno.test("[O4] a second server with the same file is reported in one line, and the first keeps serving", async () => {
  await using first = await ServerProcess.start({ settings: { STORE: "sqlite:tea.db" } });
  using chat = new RemoteChat(first.url);

  const second = await runToEnd({ folder: first.folder, settings: { STORE: "sqlite:tea.db" } });

  assertErrorLine(second, /^Cannot open the store "tea\.db": another Halley is using it$/);
  assertEquals((await chat.request("POST", "/api/sessions", { displayName: "alice" })).status, 201);
});

Deno.test("[O5] --version prints the version of deno.json", async () => {
  const result = await runToEnd({ args: ["--version"] });

  assertEquals(result, { code: 0, signal: null, stdout: `${manifest.version}\n`, stderr: "" });
});

Deno.test("[O5] --help prints the usage", async () => {
  const { code, stdout, stderr } = await runToEnd({ args: ["--help"] });

  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertStringIncludes(stdout, "usage:\n  halley ");
});

for (const command of ["check", "notices", "backup", "restore", "epoch"]) {
  Deno.test(`[O5] "halley ${command} --help" prints its usage`, async () => {
    const { code, stdout, stderr } = await runToEnd({ args: [command, "--help"] });

    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertMatch(stdout, new RegExp(`^usage:\\s+halley ${command}\\b`));
  });
}

for (
  const [unknown, ...args] of [
    ["--port", "--port"],
    ["--port", "--port", "80"],
    ["serve", "serve"],
    ["-h", "-h"],
    ["me", "--version", "me"],
  ] as const
) {
  Deno.test(`[O5] "halley ${args.join(" ")}" prints an error and the usage, with status 2`, async () => {
    const { code, stdout, stderr } = await runToEnd({ args });

    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertEquals(stderr.split("\n")[0], `Unknown argument "${unknown}"`);
    assertStringIncludes(stderr, "usage:\n  halley ");
  });
}

function assertErrorLine({ code, stdout, stderr }: ExitResult, line: RegExp): void {
  const lines = stderr.split("\n").slice(0, -1);

  assertEquals({ code, stdout, lines: lines.length }, { code: 1, stdout: "", lines: 1 }, stderr);
  assertMatch(lines[0] ?? "", line);
}

/** A new database, locked by a writer. */
function lockedDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("BEGIN EXCLUSIVE");
  return database;
}

async function namesIn(folder: string, pattern: RegExp): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).filter((name) => pattern.test(name)).sort();
}
