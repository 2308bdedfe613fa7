import { assertEquals, assertMatch } from "@std/assert";
import { Chat } from "../support/chat.ts";

Deno.test("[N6] metrics count messages, deliveries, polls, gaps and refusals", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll({ channels: ["room:tea"] });
  await alice.send({ channel: "room:tea", text: "hello", key: "k" });
  await alice.send({ channel: "room:tea", text: "hello", key: "k" });
  await alice.poll({ channels: ["room:tea"], cursor });
  await alice.poll({ channels: ["room:tea"], cursor: "nonsense" });
  await alice.say("room:tea", "");

  const response = await chat.request("GET", "/metrics");

  assertMatch(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split("\n").filter((line) => !line.startsWith("#"));
  assertEquals(lines.filter((line) => !line.includes("window_bytes")), [
    "halley_parked_polls 0",
    "halley_messages_total 1",
    "halley_deliveries_total 2",
    "halley_gaps_total 1",
    'halley_polls_total{outcome="timedout"} 1',
    'halley_polls_total{outcome="message"} 2',
    'halley_refusals_total{code="invalid_request"} 1',
    "",
  ]);
});
