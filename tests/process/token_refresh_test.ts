import { assert, assertEquals } from "@std/assert";
import { CometClient } from "../../client/comet/halley.ts";
import { ServerProcess } from "../support/server_process.ts";
import { now, SECRET, tokenFor } from "../support/tokens.ts";
import { waitUntil } from "../support/wait_until.ts";

const SETTINGS = {
  AUTH: "jwt",
  JWT_SECRET: SECRET,
  JWT_ISSUER: "https://shop.example",
  JWT_AUDIENCE: "halley",
  JWT_CLOCK_SKEW: "0",
  STORE: "memory",
};

Deno.test("[Q15] a reader whose tokens last two seconds gets every message once, in order", async () => {
  await using halley = await ServerProcess.start({ settings: SETTINGS });
  const given: string[] = [];
  let asked = 0;
  const getToken = () => {
    asked++;
    return tokenFor({ exp: now() + 2 });
  };
  using alice = new CometClient({ url: halley.url, getToken, channels: ["room:tea"] });
  using bob = new CometClient({
    url: halley.url,
    privateToken: await tokenFor({ sub: "43", name: "bob" }),
  });
  alice.on("message", ({ text = "" }) => given.push(text));
  alice.startWaiting();
  await waitUntil(() => Promise.resolve(alice.state.name === "connected"), "alice reads");

  const sent: string[] = [];
  while (asked < 4) {
    const text = String(sent.length);
    await bob.send({ channel: "room:tea", text });
    sent.push(text);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }

  await waitUntil(() => Promise.resolve(given.length >= sent.length), "all have come");
  assertEquals(given, sent);
  assert(alice.state.name !== "stopped");
});
