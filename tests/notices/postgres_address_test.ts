import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { SourceError } from "../../server/notices/sources/notice_source.ts";
import { PostgresSource } from "../../server/notices/sources/postgres_source.ts";
import { configErrors } from "../config/config_errors.ts";
import { runToEnd } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { CertificateAuthority } from "./certificate_authority.ts";
import { PostgresServer } from "./postgres_server.ts";

const folder = TestFolder.make();
const authority = await CertificateAuthority.create(folder.path);
await authority.issue("server", "IP:127.0.0.1,IP:::1");
await authority.issue("client", "DNS:halley");
const other = TestFolder.make();
const stranger = await CertificateAuthority.create(other.path);

const server = await PostgresServer.start();
await server?.useTls({
  certificate: await authority.read("server.pem"),
  key: await authority.read("server.key"),
  authority: await authority.read("ca.pem"),
});
const test = server === undefined ? Deno.test.ignore : Deno.test;
Deno.test.afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  other[Symbol.dispose]();
});

/** Describes how it is queried: whether over TLS, with which client certificate, and with which settings. */
const QUERY = `SELECT 1 AS key, ssl || ' ' || coalesce(client_dn, 'none') AS body,
  current_setting('application_name') || ' ' || current_setting('work_mem') AS title
  FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;

/** Reads the only row with these parameters of the address. */
async function read(parameters: string, change = (url: string) => url) {
  const url = change(`${server?.url()}?${parameters}`);
  const options = { url, query: QUERY, timeoutMs: 5_000, listen: undefined, onNotify: () => {} };
  await using source = new PostgresSource(options);
  await source.check();
  return (await source.read(undefined, 1))[0];
}

const overIpv6 = (url: string) => url.replace("127.0.0.1", "[::1]");

const byName = (url: string) => url.replace("127.0.0.1", "localhost");

for (
  const [parameters, body, change] of [
    ["", "false none"],
    ["sslmode=disable", "false none"],
    ["sslmode=prefer", "true none"],
    ["sslmode=allow", "true none"],
    ["sslmode=require", "true none"],
    ["sslmode=require&sslrootcert=CA", "true none"],
    ["sslmode=require&sslrootcert=CA", "true none", byName],
    ["sslmode=verify-ca&sslrootcert=CA", "true none", byName],
    ["sslmode=verify-full&sslrootcert=CA", "true none"],
    ["sslmode=verify-full&sslrootcert=CA", "true none", overIpv6],
    ["ssl=true&sslrootcert=CA", "true none"],
    ["ssl=require", "true none"],
    ["ssl=true&sslmode=disable", "false none"],
    ["sslmode=require&channel_binding=require&sslrootcert=CA", "true none"],
    ["sslmode=verify-full&sslrootcert=CA&sslcert=CERT&sslkey=KEY", "true /CN=client"],
    ["sslmode=require&connect_timeout=3&gssencmode=prefer&channel_binding=prefer", "true none"],
  ] as const
) {
  test(`[B20] ${parameters || "an address without parameters"} connects${change ? ` (${change.name})` : ""}`, async () => {
    const row = await read(inFolder(parameters), change);

    assertEquals([row?.body, row?.title], [body, "halley 4MB"]);
  });
}

for (
  const [parameters, reason, change] of [
    ["sslmode=verify-full&sslrootcert=CA", /does not match certificate/, byName],
    ["channel_binding=require&sslrootcert=CA", /does not match certificate/, byName],
    [
      "sslmode=require&channel_binding=require",
      /self-signed certificate.* Name .* in .* sslrootcert/,
    ],
    ["sslmode=verify-full", /self-signed certificate/],
    ["ssl=true", /self-signed certificate/],
    ["sslrootcert=system", /self-signed certificate/],
    ["sslmode=verify-full&sslrootcert=STRANGER", /unable to verify the first certificate/],
    ["sslmode=verify-ca&sslrootcert=STRANGER", /unable to verify the first certificate/],
    [
      "sslmode=require&sslrootcert=nothing.pem",
      /cannot read the file of sslrootcert: No such file/,
    ],
    ["sslmode=require&sslcert=nothing.pem", /cannot read the file of sslcert: No such file/],
  ] as const
) {
  test(`[B20] ${parameters} is refused${change ? ` (${change.name})` : ""}`, async () => {
    const error = await assertRejects(() => read(inFolder(parameters), change), SourceError);

    assertMatch(error.message, reason);
    assertEquals(error.message.includes("two-leaves"), false);
  });
}

test("[B20] sslmode=require refuses a server without TLS", async () => {
  await using plain = await PostgresServer.start();
  const change = () => `${plain?.url()}?sslmode=require`;

  const error = await assertRejects(() => read("", change), SourceError);

  assertEquals(error.kind, "unavailable");
});

test("[B20] parameters of the server, and the folder of a Unix socket, are used", async () => {
  const parameters = "application_name=tea&options=-c%20work_mem%3D8MB";
  const socket = `host=${encodeURIComponent(server!.folder)}&port=${server!.port}`;

  const overTcp = await read(parameters);
  const overSocket = await read(
    `${parameters}&${socket}`,
    (url) => url.replace(/127\.0\.0\.1:\d+/, ""),
  );

  assertEquals([overTcp?.title, overSocket?.title], ["tea 8MB", "tea 8MB"]);
});

test("[B20] the server connects with the permissions that it has", async () => {
  const socket = `host=${encodeURIComponent(server!.folder)}&port=${server!.port}`;
  for (
    const url of [
      `${server!.url()}?${inFolder("sslmode=verify-full&sslrootcert=CA")}`,
      `${server!.url().replace(/127\.0\.0\.1:\d+/, "")}?${socket}`,
    ]
  ) {
    const { code, stdout } = await runToEnd({
      args: ["check"],
      settings: { HAS_DB: "Y", NOTICES_DB: url, NOTICES_QUERY: QUERY },
    });

    assertEquals([code, /Cannot read.*/.exec(stdout)?.[0]], [0, undefined]);
  }
});

Deno.test("[B20] unknown parameters and invalid values are named, without their values", () => {
  const at = (parameters: string) =>
    configErrors({ NOTICES_DB: `postgres://me:pw@db.example/shop?${parameters}` });

  assertEquals(at("sslmode=verify_full&schema=hidden"), [
    "NOTICES_DB has an invalid sslmode; allowed: disable, allow, prefer, require, verify-ca, verify-full",
    'NOTICES_DB has the parameter "schema", which is unknown: remove it, or correct its name',
  ]);
  assertEquals(at("channel_binding=require&sslmode=disable"), [
    "NOTICES_DB has channel_binding=require, which needs TLS, and sslmode=disable",
  ]);
  assertEquals(configErrors({ NOTICES_DB: "postgres://me:12?hidden@db.example/shop" }), [
    "NOTICES_DB has a parameter, which is unknown: remove it, or correct its name",
  ]);
  assertEquals(configErrors({ NOTICES_DB: "postgres://me:%zz@db.example/shop" }).length, 1);
  for (
    const parameters of [
      ...["sslmode=require", "sslmode=require&channel_binding=require", "search_path=shop"],
      ...["sslmode=verify-full&sslrootcert=/etc/ca.pem", "sslrootcert=system", "options=-c%20a=b"],
    ]
  ) assertEquals(at(parameters), []);
});

function inFolder(parameters: string): string {
  const file = (name: string) => encodeURIComponent(join(folder.path, name));
  return parameters.replace("CA", encodeURIComponent(authority.path))
    .replace("STRANGER", encodeURIComponent(stranger.path))
    .replace("CERT", file("client.pem")).replace("KEY", file("client.key"));
}
