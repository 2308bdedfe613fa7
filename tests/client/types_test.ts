import { join } from "node:path";
import { assertEquals } from "@std/assert";
import { runToEnd } from "../support/server_process.ts";

const TOP = join(import.meta.dirname!, "../..");

/** What does not fit is marked as such: so it fails where that would fit. */
const PROGRAM = `
import { CometClient, type ConnectionState, HalleyError, type Message, signIn } from "./halley.js";

const { privateToken } = await signIn({ url: "/", displayName: "alice" });
const client = new CometClient({ url: "/", privateToken, channels: ["room:tea"], share: true });
const texts: (string | undefined)[] = [];
client.on("message", ({ text }: Message) => texts.push(text));
client.on("state", (state: ConnectionState) => state.name === "waiting" && state.until.toFixed());
const { id }: Message = await client.send({ channel: "room:tea", data: { cups: [1, 2] } });
const problem = new HalleyError({ code: "x", status: 400, detail: "" });
export const all: readonly unknown[] = [id, problem.code, (await client.rooms()).rooms];
// @ts-expect-error: there is no such event
client.on("massage", () => {});
// @ts-expect-error: a message has an address
client.send({ text: "hello" });
// @ts-expect-error: a token is a word
new CometClient({ url: "/", getToken: () => 42 });
new CometClient({ url: "/", getToken: async () => "a.b.c", user: "42" });
client[Symbol.dispose]();
`;

Deno.test("[C47] halley.d.ts is what the library's sources say", async () => {
  const kept = await Deno.readTextFile(join(TOP, "static/halley.d.ts"));
  const folder = await Deno.makeTempDir();
  const path = join(folder, "halley.d.ts");

  const args = ["run", "--no-config", "--no-lock", "--allow-all"];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, join(TOP, "tests/types/generate.ts"), path],
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  const fresh = await Deno.readTextFile(path);
  await Deno.remove(folder, { recursive: true });

  assertEquals(kept, fresh, "Run `deno task types`");
});

Deno.test("[C47] a program that uses the library has its types checked", async () => {
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
