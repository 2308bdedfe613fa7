import { assert, assertEquals } from "@std/assert";
import { CometClient } from "../../client/comet/halley.ts";
import { delay } from "../../server/base/delay.ts";
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

Deno.test("[Q15] a reader whose tokens expire after two seconds receives every message once, in order", async () => {
  await using halley = await ServerProcess.start({ settings: SETTINGS });
  const received: string[] = [];
  let tokens = 0;
  const getToken = () => {
    tokens++;
    return tokenFor({ exp: now() + 2 });
  };
  using alice = new CometClient({ url: halley.url, getToken, channels: ["room:tea"] });
  using bob = new CometClient({
    url: halley.url,
    privateToken: await tokenFor({ sub: "43", name: "bob" }),
  });
  alice.on("message", ({ text = "" }) => received.push(text));
  alice.startWaiting();
  await waitUntil(() => alice.state.name === "connected", "alice is connected");

  const sent: string[] = [];
  while (tokens < 4) {
    const text = String(sent.length);
    await bob.send({ channel: "room:tea", text });
    sent.push(text);
    await delay(25);
  }

  await waitUntil(() => received.length >= sent.length, "all messages have arrived");
  assertEquals(received, sent);
  assert(alice.state.name !== "stopped");
});
