import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { delay } from "../../server/base/delay.ts";
import { makeCertificate } from "../deploy/certificate.ts";
import { type ExitResult, runToEnd, ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { texts } from "../support/hub.ts";
import { parkPoll, RemoteChat } from "../support/remote_chat.ts";

const SETTINGS = { STORE: "memory", INTERVAL_TIME: "100" };

function start(folder: string): Promise<ServerProcess> {
  const settings = { ...SETTINGS, TLS_CERT: "site.pem", TLS_KEY: "site.key" };
  return ServerProcess.start({ folder, settings });
}

/** Sends a request with curl. Returns the body and the version of HTTP. */
async function curl(...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("curl", {
    args: ["--silent", "--show-error", "--write-out", " HTTP/%{http_version}", ...args],
    stdout: "piped",
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("[O43] with a certificate the server uses HTTPS, and HTTP/2 if the client supports it", async () => {
  using folder = TestFolder.make();
  const certificate = await makeCertificate(folder.path);
  await using halley = await start(folder.path);
  using chat = new RemoteChat(halley.url, [certificate]);
  assertMatch(halley.url, /^https:/);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { reply } = await parkPoll(bob, "room:tea");

  await alice.say("room:tea", "hello");

  assertEquals(texts(await reply), ["hello"]);
  const cacert = ["--cacert", join(folder.path, "site.pem"), `${halley.url}/ready`];
  assertEquals(await curl("--http2", ...cacert), '{"status":"ready"} HTTP/2');
  assertEquals(await curl("--http1.1", ...cacert), '{"status":"ready"} HTTP/1.1');
});

Deno.test("[P16] a client that leaves soon gives its seat free, over HTTP/2 too", async () => {
  using folder = TestFolder.make();
  await makeCertificate(folder.path);
  await using halley = await start(folder.path);
  const options = ["--http2", "--cacert", join(folder.path, "site.pem")];
  const post = (path: string, body: unknown, ...more: string[]) => {
    const request = ["--json", JSON.stringify(body), `${halley.url}/api/${path}`];
    return curl(...options, ...more, ...request);
  };
  const parkedPolls = async () => {
    const metrics = await curl(...options, `${halley.url}/metrics`);
    return /^halley_parked_polls (\d+)$/m.exec(metrics)?.[1];
  };
  const session = await post("sessions", { displayName: "alice" });
  const [, token] = /"privateToken":"([^"]+)"/.exec(session) ?? [];
  const poll = { channels: ["room:tea"], hold: 50_000 };
  const first = await post("poll", { hold: 0 }, "--oauth2-bearer", `${token}`);
  const [, cursor] = /"cursor":"([^"]+)"/.exec(first) ?? [];

  const polling = post(
    "poll",
    { ...poll, cursor },
    "--oauth2-bearer",
    `${token}`,
    "--max-time",
    "1",
  );
  await delay(700);
  const parked = await parkedPolls();
  await polling;

  assertEquals(parked, "1");
  await delay(5_500);
  assertEquals(await parkedPolls(), "0");
});

Deno.test("[O43] an invalid certificate or key is reported in one line, with status 1", async () => {
  using folder = TestFolder.make();
  using other = TestFolder.make();
  await makeCertificate(folder.path);
  await makeCertificate(other.path);
  await Deno.copyFile(join(other.path, "site.key"), join(folder.path, "other.key"));
  const run = async (TLS_CERT: string, TLS_KEY: string): Promise<ExitResult> =>
    await runToEnd({ folder: folder.path, settings: { ...SETTINGS, TLS_CERT, TLS_KEY } });

  const results = [
    await run("tea.pem", "site.key"),
    await run("site.pem", "tea.key"),
    await run("site.key", "site.key"),
    await run("site.pem", "site.pem"),
    await run("site.pem", "other.key"),
  ];

  assertEquals(results.map(({ code, stderr }) => [code, stderr.trim()]), [
    [1, 'Cannot read TLS_CERT "tea.pem": the file does not exist'],
    [1, 'Cannot read TLS_KEY "tea.key": the file does not exist'],
    [1, 'TLS_CERT "site.key" does not contain a certificate in PEM format'],
    [1, 'TLS_KEY "site.pem" does not contain a private key in PEM format'],
    [1, 'TLS_KEY "other.key" does not belong to the certificate TLS_CERT "site.pem"'],
  ]);
});

Deno.test("[O44] a renewed certificate is used without a restart, and a parked poll is not interrupted", async () => {
  using folder = TestFolder.make();
  using other = TestFolder.make();
  const first = await makeCertificate(folder.path);
  const second = await makeCertificate(other.path);
  await using halley = await start(folder.path);
  using chat = new RemoteChat(halley.url, [first, second]);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { reply } = await parkPoll(bob, "room:tea");

  for (const name of ["site.pem", "site.key"]) {
    await Deno.copyFile(join(other.path, name), join(folder.path, name));
  }
  await halley.line(/"event":"certificate_renewed"/);

  using newChat = new RemoteChat(halley.url, [second]);
  assertEquals((await newChat.request("GET", "/live")).status, 200);
  await alice.say("room:tea", "hello");
  assertEquals(texts(await reply), ["hello"]);
});

Deno.test("[O44] an invalid renewed certificate is logged once, and the old one stays in use", async () => {
  using folder = TestFolder.make();
  const certificate = await makeCertificate(folder.path);
  await using halley = await start(folder.path);

  await Deno.writeTextFile(join(folder.path, "site.pem"), "nonsense");
  await halley.line(/"event":"certificate_unusable"/);

  using chat = new RemoteChat(halley.url, [certificate]);
  assertEquals((await chat.request("GET", "/live")).status, 200);
  assertEquals(halley.output.split("certificate_unusable").length, 2);
});
