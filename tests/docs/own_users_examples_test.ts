import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { Chat } from "../support/chat.ts";
import { TestFolder } from "../support/test_folder.ts";
import { areInstalled, exampleOf } from "./examples.ts";
import { type RouteProgram, TOKEN_ROUTES } from "./token_routes.ts";

const SECRET = "a-secret-of-thirty-two-characters";

const JWT = {
  keys: { kind: "secret", secret: SECRET },
  issuer: undefined,
  audience: undefined,
  clockSkew: 30_000,
} as const;

/** Runs a route for a user. */
async function run(
  { command: [program = "", ...args] }: RouteProgram,
  path: string,
  user: unknown,
) {
  const { stdout, stderr, success } = await new Deno.Command(program, {
    args: [...args, path, JSON.stringify(user)],
    env: { CHAT_SECRET: SECRET },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

for (const route of TOKEN_ROUTES) {
  const { name, file, command, before, after } = route;
  Deno.test({
    name:
      `[X4] the route for ${name} in USERS.md makes tokens for signed-in users, and only for them`,
    ignore: !await areInstalled(command.slice(0, 1), `The route for ${name} in USERS.md was`),
    fn: async () => {
      const code = await exampleOf("docs/USERS.md", name);
      using folder = await TestFolder.with({ [file]: before + code + after });
      await using chat = await Chat.open({ jwt: JWT });
      const path = join(folder.path, file);

      const ann = await run(route, path, { id: 42, name: "Ann Ünïcode" });
      const nobody = await run(route, path, null);

      const session = await chat.withToken(ann.body);
      assertEquals([ann.status, session.displayName], [200, "Ann Ünïcode"]);
      assertEquals(session.publicToken, await chat.test.hub.sessions.tokenOf("42"));
      assertEquals([nobody.status, nobody.body.includes(".")], [401, false]);
      if (ann.headers === undefined) return;
      const { "Cache-Control": caching, "Content-Type": type } = ann.headers;
      assertEquals([caching, type], ["no-store", "text/plain"]);
    },
  });
}
