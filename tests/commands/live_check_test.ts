import { assertEquals, assertMatch } from "@std/assert";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import { makeCertificate } from "../deploy/certificate.ts";
import { runToEnd, ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";

function checkLive(settings: Record<string, string>, folder?: string) {
  return runToEnd({ args: ["check", "--live"], settings, ...(folder && { folder }) });
}

for (
  const [settings, url] of [
    [{}, /^http:\/\/127\.0\.0\.1:\d+$/],
    [{ HOST: "[::1]" }, /^http:\/\/\[::1\]:\d+$/],
    [{ HOST: "::" }, /^http:\/\/\[::1\]:\d+$/],
    [{ HOST: "0.0.0.0", ALLOWED_HOSTS: "chat.example" }, /^http:\/\/127\.0\.0\.1:\d+$/],
    [{ HOST: "localhost", LIMITS: "off" }, /^http:\/\/localhost:\d+$/],
    [{ TLS_CERT: "site.pem", TLS_KEY: "site.key" }, /^https:\/\/127\.0\.0\.1:\d+$/],
    [{ TLS_CERT: "site.pem", TLS_KEY: "site.key", HOST: "[::]" }, /^https:\/\/\[::1\]:\d+$/],
  ] as const
) {
  Deno.test(`[O49] with ${JSON.stringify(settings)} the printed URL works, and halley check --live is 0`, async () => {
    using folder = TestFolder.make();
    const certificate = await makeCertificate(folder.path);
    using port = new ReservedPort();
    const all = { ...settings, PORT: String(port.number), STORE: "memory" };
    await using halley = await ServerProcess.start({ settings: all, folder: folder.path });
    using client = Deno.createHttpClient({ caCerts: [certificate] });

    const result = await checkLive(all, folder.path);

    assertMatch(halley.url, url);
    assertEquals(result, { code: 0, signal: null, stdout: "", stderr: "" });
    // The certificate has no name for ::1.
    if (halley.url.startsWith("https://[")) return;
    const response = await fetch(`${halley.url}/live`, { client });
    assertEquals(await response.json(), { status: "live" });
  });
}

Deno.test("[O49] where no live server answers, halley check --live says why, with status 1", async () => {
  await using other = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("", { status: 404 }),
  );
  using silent = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  using unused = new ReservedPort();
  const reasons: [port: number, reason: RegExp][] = [
    [unused.number, /^No live server at 127\.0\.0\.1, port \d+: .*ECONNREFUSED/],
    [other.addr.port, /^No live server .*: the answer is "HTTP\/1\.1 404 Not Found"\n$/],
    [silent.addr.port, /^No live server .*: no answer within 2000 ms\n$/],
    [0, /^PORT is 0, any free port: set it to the server's port\n$/],
  ];

  for (const [port, reason] of reasons) {
    const { code, stderr } = await checkLive({ PORT: String(port) });

    assertMatch(stderr, reason);
    assertEquals(code, 1);
  }
});
