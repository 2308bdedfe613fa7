import { join } from "node:path";
import { assertEquals } from "@std/assert";
import { runToEnd } from "../support/server_process.ts";

const TOP = join(import.meta.dirname!, "../..");

/** Lines with a type error are marked: the check fails if there is none. */
const PROGRAM = `
import { CometClient, type ConnectionState, HalleyError, type Message, type ServerSettings, signIn } from "./halley.js";

const { privateToken } = await signIn({ url: "/", displayName: "alice" });
const client = new CometClient({ url: "/", privateToken, channels: ["room:tea"], share: true });
const texts: (string | undefined)[] = [];
client.on("message", ({ text }: Message) => texts.push(text));
client.on("state", (state: ConnectionState) => state.name === "waiting" && state.until.toFixed());
const { id }: Message = await client.send({ channel: "room:tea", data: { cups: [1, 2] } });
await client.send({ channel: "room:tea", text: "hello", key: "k1" }, { firstSentAt: 0 });
const { keyAge }: ServerSettings = await client.settings();
const problem = new HalleyError({ code: "x", status: 400, detail: "" });
export const all: readonly unknown[] = [id, keyAge, problem.code, (await client.rooms()).rooms];
// @ts-expect-error: there is no such event
client.on("massage", () => {});
// @ts-expect-error: a message has a channel
client.send({ text: "hello" });
// @ts-expect-error: a token is a string
new CometClient({ url: "/", getToken: () => 42 });
new CometClient({ url: "/", getToken: async () => "a.b.c", user: "42" });
client[Symbol.dispose]();
`;

Deno.test("[C47] halley.d.ts is generated from the current sources", async () => {
  const committed = await Deno.readTextFile(join(TOP, "static/halley.d.ts"));
  const folder = await Deno.makeTempDir();
  const path = join(folder, "halley.d.ts");

  const args = ["run", "--no-config", "--no-lock", "--allow-all"];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, join(TOP, "tests/types/generate.ts"), path],
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  const fresh = await Deno.readTextFile(path);
  await Deno.remove(folder, { recursive: true });

  assertEquals(committed, fresh, "Run `deno task types`");
});

Deno.test("[C47] programs are checked against halley.d.ts", async () => {
  const types = await Deno.readTextFile(join(TOP, "static/halley.d.ts"));

  const { code, stderr } = await runToEnd({
    command: [Deno.execPath(), "check", "--no-config", "--no-lock"],
    args: ["program.ts"],
    files: {
      "halley.d.ts": types,
      "halley.js": "",
      "program.ts": PROGRAM.replace("import", '// @ts-types="./halley.d.ts"\nimport'),
    },
  });

  assertEquals(code, 0, stderr);
});
