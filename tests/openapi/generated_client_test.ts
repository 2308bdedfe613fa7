import { join } from "node:path";
import { assertEquals } from "@std/assert";
import openapiTS, { astToString } from "openapi-typescript";
import tests from "../deno.json" with { type: "json" };
import { ServerProcess } from "../support/server_process.ts";

/** What `openapi-typescript` makes of the description, and a program that uses it with `openapi-fetch`. */
const PROGRAM = `
import createClient from "openapi-fetch";
import type { paths } from "./api.ts";

const [baseUrl = ""] = Deno.args;
const { DELETE, GET, PATCH, POST } = createClient<paths>({ baseUrl });

async function signIn(displayName: string) {
  const { data, error } = await POST("/api/sessions", { body: { displayName } });
  if (error !== undefined) throw new Error(error.detail);
  return { headers: { authorization: \`Bearer \${data.privateToken}\` }, ...data };
}

const [alice, bob] = [await signIn("alice"), await signIn("bob")];
const channels = ["room:tea"];
const first = await POST("/api/poll", { headers: bob.headers, body: { channels } });
const message = { channel: "room:tea", text: "hello", key: "tea-1" };
const { data: sent } = await POST("/api/messages", { headers: alice.headers, body: message });
const { data: reply } = await POST("/api/poll", {
  headers: bob.headers,
  body: { channels, cursor: first.data?.cursor ?? "" },
});
const { data: history } = await GET("/api/channels/{channel}/messages", {
  headers: bob.headers,
  params: { path: { channel: "room:tea" }, query: { limit: 20 } },
});
const path = { id: sent?.id ?? 0 };
const { data: edited } = await PATCH("/api/messages/{id}", {
  headers: alice.headers,
  params: { path },
  body: { text: "hello, all" },
});
const { data: older } = await GET("/api/channels/{channel}/messages", {
  headers: bob.headers,
  params: { path: { channel: "room:tea" }, query: { before: path.id } },
});
const deleted = await DELETE("/api/messages/{id}", { headers: alice.headers, params: { path } });
const refused = await POST("/api/messages", { headers: alice.headers, body: { channel: "tea" } });

console.log(JSON.stringify({
  sent: sent?.id,
  polled: reply?.messages.map(({ text, from }) => [from?.displayName, text]),
  read: history?.messages.map(({ text }) => text),
  edited: edited?.text,
  older: older?.messages,
  deleted: deleted.response.status,
  refused: refused.error?.code,
}));
`;

/** A mistake that the generated types find. */
const MISTAKE = PROGRAM.replace('text: "hello"', "text: 7");

Deno.test("[N19] a client generated from openapi.json sends, polls and reads", async () => {
  await using server = await ServerProcess.start({ settings: { STORE: "memory" } });
  const folder = await Deno.makeTempDir({ prefix: "halley-openapi-" });
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(folder, { recursive: true }));
  const served = await (await fetch(`${server.url}/openapi.json`)).json();

  await Deno.writeTextFile(join(folder, "api.ts"), astToString(await openapiTS(served)));
  await Deno.writeTextFile(join(folder, "program.ts"), PROGRAM);
  await Deno.writeTextFile(join(folder, "mistake.ts"), MISTAKE);
  const imports = { "openapi-fetch": tests.imports["openapi-fetch"] };
  const config = { imports, compilerOptions: { strict: true, exactOptionalPropertyTypes: true } };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config));
  const deno = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    return { code, stdout: decode(stdout), stderr: decode(stderr) };
  };
  const ran = await deno("run", "--check", "--no-lock", "-A", "program.ts", server.url);
  const mistake = await deno("check", "--no-lock", "mistake.ts");

  assertEquals(ran.code, 0, ran.stderr);
  assertEquals(JSON.parse(ran.stdout), {
    sent: 1,
    polled: [["alice", "hello"]],
    read: ["hello"],
    edited: "hello, all",
    older: [],
    deleted: 204,
    refused: "invalid_request",
  });
  assertEquals([mistake.code, mistake.stderr.includes("TS2322")], [1, true], mistake.stderr);
});

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
