import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { Chat } from "../support/chat.ts";
import { TestFolder } from "../support/test_folder.ts";
import { areInstalled, exampleOf } from "./examples.ts";

const SECRET = "a-secret-of-thirty-two-characters";

/** Runs the route of Express, with what it uses of Express, for a user in JSON; prints the status and the body. */
const EXPRESS = `
let route;
const app = { get: (path, handler) => route = { path, handler } };
const answer = { status: 200, body: "", headers: {} };
const res = {
  sendStatus: (status) => answer.status = status,
  set: (name, value) => (answer.headers[name.toLowerCase()] = value, res),
  type: (type) => (answer.headers["content-type"] = type, res),
  send: (body) => answer.body = body,
};
process.on("exit", () => {
  route.handler({ session: { user: JSON.parse(process.argv[2]) } }, res);
  console.log(JSON.stringify({ path: route.path, ...answer }));
});
`;

/** The same for Django. */
const DJANGO = `
import json, sys, types
answer = {"path": "/chat-token", "status": 200, "body": "", "headers": {}}
class HttpResponse:
    def __init__(self, content="", content_type=None, status=200, headers={}):
        lower = {name.lower(): value for name, value in headers.items()}
        answer.update(status=status, body=content, headers={**lower, "content-type": content_type})
django = types.ModuleType("django")
django.http = types.ModuleType("django.http")
django.http.HttpResponse = HttpResponse
sys.modules.update({"django": django, "django.http": django.http})
`;

const DJANGO_END = `
given = json.loads(sys.argv[1])
class User:
    is_authenticated = given is not None
    pk = given and given["id"]
    def get_username(self):
        return given["name"]
class Request:
    user = User()
chat_token(Request())
print(json.dumps(answer))
`;

async function run(program: string, file: string, user: unknown) {
  const { stdout, stderr, success } = await new Deno.Command(program, {
    args: [file, JSON.stringify(user)],
    env: { CHAT_SECRET: SECRET },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

for (
  const [name, program, file, begin, end] of [
    ["express", "node", "route.mjs", EXPRESS, ""],
    ["django", "python3", "route.py", DJANGO, DJANGO_END],
  ] as const
) {
  Deno.test({
    name:
      `[X4] the route for ${name} in USERS.md makes tokens for signed-in users, and only for them`,
    ignore: !await areInstalled([program], `The route for ${name} was`),
    fn: async () => {
      const code = await exampleOf("docs/USERS.md", name);
      using folder = await TestFolder.with({ [file]: begin + code + end });
      await using chat = await Chat.open({
        jwt: {
          keys: { kind: "secret", secret: SECRET },
          issuer: undefined,
          audience: undefined,
          clockSkew: 30_000,
        },
      });
      const path = join(folder.path, file);

      const ann = await run(program, path, { id: 42, name: "Ann Ünïcode" });
      const nobody = await run(program, path, null);

      const session = await chat.withToken(ann.body);
      assertEquals([ann.path, ann.status, session.displayName], [
        "/chat-token",
        200,
        "Ann Ünïcode",
      ]);
      assertEquals([ann.headers["cache-control"], ann.headers["content-type"]], [
        "no-store",
        "text/plain",
      ]);
      assertEquals([nobody.status, nobody.body], [401, ""]);
    },
  });
}
