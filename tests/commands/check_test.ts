import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import { makeCertificate } from "../deploy/certificate.ts";
import { runToEnd } from "../support/server_process.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

const SECRETS = {
  WEBHOOK_URL: "https://shop.example/halley?key=hidden-1",
  WEBHOOK_SECRET: "hidden-2-3fdc1b7a90e84c25",
  API_KEYS: "shop:publish:hidden-3-3fdc1b7a90e84c25",
  NOTICES_DB: "postgres://me:hidden-4@127.0.0.1/shop",
  JWT_SECRET: "hidden-5-3fdc1b7a90e84c253fdc1b7a90e84c25",
};

function check(settings: Record<string, string>, env = "") {
  return runToEnd({ args: ["check"], settings, ...(env && { files: { ".env": env } }) });
}

Deno.test("[O42] halley check prints every setting and its source; the environment takes precedence over .env", async () => {
  const { code, stdout, stderr } = await check({ PORT: "81" }, "PORT=82\nKEY_HOURS=48\n");

  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^PORT +81 {2}\(environment\)$/m);
  assertMatch(stdout, /^KEY_HOURS +48 {2}\(\.env\)$/m);
  assertMatch(stdout, /^SESSION_DAYS +90 {2}\(default\)$/m);
  assertMatch(stdout, /The server can start with these settings\.\n$/);
});

Deno.test("[O42] halley check prints no secret", async () => {
  const { stdout, stderr } = await check({ ...SECRETS, AUTH: "jwt" });

  for (const name of Object.keys(SECRETS)) {
    assertMatch(stdout, new RegExp(`^${name} +set, not shown {2}\\(environment\\)$`, "m"));
  }
  assertEquals((stdout + stderr).includes("hidden"), false);
});

Deno.test("[O42] invalid settings, and an unreadable certificate, are reported with status 2, after the other settings", async () => {
  using folder = TestFolder.make();
  await makeCertificate(folder.path);
  const settings = {
    KEY_HOURS: "0",
    WEBHOOK_SECRET: "hidden",
    TLS_CERT: "site.pem",
    TLS_KEY: "tea.key",
  };

  const { code, stdout } = await runToEnd({ args: ["check"], settings, folder: folder.path });

  assertEquals(code, 2);
  const errors = stdout.split("Invalid settings:\n")[1]?.split("\n\n")[0]?.split("\n");
  assertEquals(errors, [
    '  KEY_HOURS is "0"; allowed: a whole number from 1 to 876000',
    "  WEBHOOK_SECRET is invalid (value not shown); allowed: at least 22 characters of ASCII without blanks; none where WEBHOOK_URL is none",
    '  Cannot read TLS_KEY "tea.key": the file does not exist',
  ]);
  assertMatch(stdout, /^KEY_HOURS +0 {2}\(environment\)$/m);
  assertMatch(stdout, /^HOST +127\.0\.0\.1 {2}\(default\)$/m);
});

Deno.test("[O42] warnings do not keep the server from starting", async () => {
  const warnings: [warning: RegExp, settings: Record<string, string>, env?: string][] = [
    [/LIMITS is off: anyone who can reach this machine/, { HOST: "0.0.0.0", LIMITS: "off" }],
    [/private tokens are sent unencrypted/, { HOST: "0.0.0.0" }],
    [/ALLOWED_ORIGINS is \*/, { ALLOWED_ORIGINS: "*" }],
    [/ALLOWED_ORIGINS has https:\/\/\*\.co\.uk: if others can have names under co\.uk/, {
      ALLOWED_ORIGINS: "https://shop.example, https://*.co.uk",
    }],
    [/ALLOWED_ORIGINS has https:\/\/\*\.github\.io:8443: .* under github\.io/, {
      ALLOWED_ORIGINS: "https://*.github.io:8443",
    }],
    [/WEBHOOK_SECRET looks guessable/, {
      WEBHOOK_URL: "https://shop.example/",
      WEBHOOK_SECRET: "secretsecretsecretsecret",
    }],
    [/API_KEYS contains a key in plain text/, { API_KEYS: SECRETS.API_KEYS }],
    [/"shop" cannot sign users in: .* publish\+users/, { API_KEYS: SECRETS.API_KEYS }],
    [/JWT_SECRET begins with "replace"/, {
      AUTH: "jwt",
      JWT_SECRET: "replace-this-by-openssl-rand-hex-32",
    }],
    [/API_KEYS begins with "replace"/, {
      API_KEYS: `${SECRETS.API_KEYS},till:read:REPLACE-this-by-22-characters`,
    }],
    [/"till" has the scope patterns without read/, {
      API_KEYS: "till:publish+patterns:hidden-3-3fdc1b7a90e84c25",
    }],
    [/RETAIN for room:support-eu-\* never applies, since the one for room:support-\* comes first/, {
      RETAIN: "room:support-*:30d, room:support-eu-*:1h",
    }],
    [/STORE is memory/, { STORE: "memory" }],
    [/JWT_AUDIENCE is none/, { AUTH: "jwt", JWT_JWKS_URL: "https://id.example/keys" }],
    [/TRUST_PROXY is none: behind a proxy/, {}],
    [/TRUST_PROXY is 1: a client/, { HOST: "0.0.0.0", TRUST_PROXY: "1" }],
    [/LIMTS in \.env is not a setting of Halley/, {}, "LIMTS=off\n"],
  ];
  const safe = await check({
    TRUST_PROXY: "127.0.0.1",
    PARKED_POLLS: "100",
    ALLOWED_ORIGINS: "https://*.shop.example,https://*.shop.co.uk,https://co.uk",
    RETAIN: "room:support-eu-*:1h,room:support-*:30d,room:tea:1h,direct:7d",
    API_KEYS: `board:read+patterns+users:sha256$${"0".repeat(64)}`,
  });

  for (const [warning, settings, env] of warnings) {
    const { code, stdout } = await check(settings, env);

    assertEquals(code, 0);
    assertMatch(stdout, warning);
    assertEquals(warning.test(safe.stdout), false);
  }
  assert(!safe.stdout.includes("Warnings"));
});

Deno.test("[O42] an address that cannot be listened on is an error, a port in use a warning", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  // RFC 5737 reserves this address for documentation.
  const foreign = await check({ HOST: "192.0.2.1" });
  const inUse = await check({ PORT: String(taken.addr.port) });

  assertEquals(foreign.code, 2);
  assertMatch(
    foreign.stdout,
    /Invalid settings:\n {2}Cannot listen on HOST "192\.0\.2\.1": it is not an address or name of this machine\n/,
  );
  assertEquals(inUse.code, 0);
  assertMatch(
    inUse.stdout,
    /Warnings:\n {2}Cannot listen on port \d+: it is in use\. Stop the other/,
  );
});

Deno.test("[O42] a store that cannot be opened is an error, one in use a warning; nothing is created", async () => {
  using folder = TestFolder.make();
  const inFolder = (name: string) => join(folder.path, name);
  Deno.writeTextFileSync(
    inFolder("text.db"),
    "This is not a database, but it is long enough for one.",
  );
  using newer = new DatabaseSync(inFolder("newer.db"));
  newer.exec("PRAGMA user_version = 1000");
  const files = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  const before = files();
  using unused = new ReservedPort();
  const stores: [store: string, error?: RegExp][] = [
    ["sqlite:new/folder/halley.db"],
    ["kv:new/folder/halley.kv"],
    ["sqlite:text.db", /Cannot open the store "text\.db": file is not a database$/m],
    ["kv:text.db", /Cannot open the store "text\.db": file is not a database$/m],
    [
      "sqlite:text.db/halley.db",
      /Cannot open the store "text\.db\/halley\.db": "text\.db" is not a folder$/m,
    ],
    ["sqlite:newer.db", /Cannot open the store "newer\.db": a newer Halley has written it$/m],
    ["sqlite:.", /Cannot open the store "\.": it is a folder$/m],
    [
      `nats://me:hidden-4@127.0.0.1:${unused.number}`,
      /Cannot open the store "127\.0\.0\.1:\d+": connection refused$/m,
    ],
  ];

  for (const [STORE, error] of stores) {
    const { code, stdout } = await runToEnd({
      args: ["check"],
      settings: { STORE },
      folder: folder.path,
    });

    assertEquals([STORE, code], [STORE, error === undefined ? 0 : 2]);
    if (error !== undefined) assertMatch(stdout, error);
    assertEquals(stdout.includes("hidden"), false);
  }
  assertEquals(files(), before);
  await using _ = SqliteStore.open(inFolder("used.db"), KEEP_ALL);
  const used = await runToEnd({
    args: ["check"],
    settings: { STORE: "sqlite:used.db" },
    folder: folder.path,
  });
  assertEquals(used.code, 0);
  assertMatch(
    used.stdout,
    /Warnings:\n {2}The store "used\.db" is in use by another Halley; it may be/,
  );
});

Deno.test("[O138] a folder for files that cannot be written is an error; a missing one is created by the server", async () => {
  using folder = await TestFolder.with({ "file.txt": "hello" });
  const check = async (FILES: string) =>
    await runToEnd({ args: ["check"], settings: { FILES }, folder: folder.path });

  const [wrong, unwritable, missing] = await Promise.all(
    ["file.txt", "/proc/files", "new"].map(check),
  );

  assertEquals([wrong?.code, unwritable?.code, missing?.code], [2, 2, 0]);
  assertMatch(
    wrong?.stdout ?? "",
    /Cannot store files in "file\.txt": "file\.txt" is not a folder/,
  );
  assertMatch(unwritable?.stdout ?? "", /Cannot store files in "\/proc\/files": .* Set FILES to/);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["file.txt"]);
});

Deno.test("[O138] sentences that the server refuses to start with are an error", async () => {
  using folder = await TestFolder.with({ "de.json": '{"chat":{"send":1}}' });

  const { code, stdout } = await check({ LANGUAGES: folder.path });

  assertEquals(code, 2);
  assertMatch(stdout, /Cannot use the sentences in LANGUAGES=.*\n +de\.json: /);
});

Deno.test("[O42] a database of notices that cannot be read is an error", async () => {
  using folder = TestFolder.make();
  using shop = new DatabaseSync(join(folder.path, "shop.db"));
  shop.exec("CREATE TABLE orders (number integer PRIMARY KEY, status text)");
  const query = "SELECT number AS key, status AS body FROM orders WHERE number > ?";
  using unused = new ReservedPort();
  const databases: [settings: Record<string, string>, error?: RegExp][] = [
    [{ NOTICES_DB: "sqlite:shop.db", NOTICES_QUERY: query }],
    [{ NOTICES_DB: "sqlite:shop.db" }, /"sqlite:shop\.db": no such table: system_messages$/m],
    [
      { NOTICES_DB: "sqlite:tea.db" },
      /"sqlite:tea\.db": .*\. Start the database or correct NOTICES_DB;/,
    ],
    [
      { NOTICES_DB: `postgres://me:hidden-4@127.0.0.1:${unused.number}/shop` },
      /"postgres:\/\/127\.0\.0\.1:\d+\/shop": .*ECONNREFUSED.*\. Start the database or correct/,
    ],
  ];

  for (const [settings, error] of databases) {
    const { code, stdout, stderr } = await runToEnd({
      args: ["check"],
      settings: { HAS_DB: "Y", ...settings },
      folder: folder.path,
    });

    assertEquals([code, stderr], [error === undefined ? 0 : 2, ""]);
    if (error !== undefined) assertMatch(stdout, error);
    assertEquals(stdout.includes("hidden"), false);
  }
});
