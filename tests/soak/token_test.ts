import { assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { createJwt } from "../../server/commands/token.ts";
import { ServerProcess } from "../support/server_process.ts";
import { SECRET } from "../support/tokens.ts";
import { prove } from "./support/prove.ts";

const SETTINGS = { AUTH: "jwt", JWT_SECRET: SECRET, STORE: "memory" };
const RIGHTS = ["--read", "room:soak-*", "--write", "room:soak-*"];

Deno.test("[E22] soak tests a server with AUTH=jwt as the user of a token", async () => {
  await using server = await ServerProcess.start({ settings: SETTINGS });
  const token = await createJwt(["--sub", "42", ...RIGHTS], SETTINGS);

  const { code, stderr, report } = await prove(
    ...["--url", server.url, "--token", token, "--duration", "3", "--json"],
  );

  const { lost, duplicated, outOfOrder, stopped } = report;
  assertEquals({ code, lost, duplicated, outOfOrder, stopped }, {
    code: 0,
    lost: 0,
    duplicated: 0,
    outOfOrder: 0,
    stopped: 0,
  }, stderr);
  assertGreaterOrEqual(report.delivered, 10, stderr);
  assertEquals(stderr.includes(token), false);
});

Deno.test("[E22] soak says why a token is not accepted, with status 1, and does not show it", async () => {
  await using server = await ServerProcess.start({ settings: SETTINGS });
  const wrong = { JWT_SECRET: "another-secret-of-thirty-two-chars" };
  const token = await createJwt(["--sub", "42"], wrong);

  const { code, stderr } = await prove("--url", server.url, "--token", token, "--duration", "1");

  assertEquals([code, stderr.includes(token)], [1, false]);
  assertStringIncludes(stderr, "Cannot sign in at the server");
});
