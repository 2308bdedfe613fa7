import { assertEquals } from "@std/assert";
import { CometClient } from "../../client/comet/halley.ts";
import { ServerProcess } from "../support/server_process.ts";
import { now, SECRET, tokenFor } from "../support/tokens.ts";
import { waitUntil } from "../support/wait_until.ts";

Deno.test("[C62] a token with fewer rights than the last one silences only the rooms that it may not read", async () => {
  const jwt = { AUTH: "jwt", JWT_SECRET: SECRET, JWT_CLOCK_SKEW: "0" };
  const settings = { STORE: "memory", CONNECT_INTERVAL: "1000", ...jwt };
  await using server = await ServerProcess.start({ settings });
  const write = ["*"];
  const wide = await tokenFor({ channels: { read: ["*"], write }, exp: now() + 2 });
  const narrow = await tokenFor({ channels: { read: ["room:tea"], write }, jti: "narrow" });
  using alice = new CometClient({
    url: server.url,
    privateToken: wide,
    getToken: () => narrow,
    channels: ["room:tea", "room:milk"],
  });
  const [texts, refused] = [Array<unknown>(), Array<string>()];
  alice.on("message", ({ text }) => texts.push(text));
  alice.on("refused", ({ channel, code }) => refused.push(`${channel} ${code}`));
  alice.startWaiting();
  await waitUntil(() => alice.state.name === "connected", "alice is connected");
  await alice.send({ channel: "room:milk", text: "readable" });
  await waitUntil(() => texts.length === 1, "alice reads milk");

  await waitUntil(() => refused.length > 0, "milk is refused");
  await alice.send({ channel: "room:milk", text: "not readable" });
  await alice.send({ channel: "room:tea", text: "still there" });
  await waitUntil(() => texts.length === 2, "alice reads tea");

  assertEquals(texts, ["readable", "still there"]);
  assertEquals(refused, ["room:milk not_allowed"]);
  assertEquals([alice.state.name, alice.channels], ["connected", ["room:tea"]]);
});
