import { assertEquals, assertMatch } from "@std/assert";
import { Chat, KEYS } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";

/** The lines of `/metrics`, without comments and without those that match `without`. */
async function lines(chat: Chat, without: RegExp): Promise<string[]> {
  const text = await (await chat.request("GET", "/metrics")).text();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    .filter((line) => !without.test(line));
}

Deno.test("[N6] metrics count messages, deliveries, polls, gaps and refusals", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll({ channels: ["room:tea"] });
  await alice.send({ channel: "room:tea", text: "hello", key: "k" });
  await alice.send({ channel: "room:tea", text: "hello", key: "k" });
  await alice.poll({ channels: ["room:tea"], cursor });
  await alice.poll({ channels: ["room:tea"], cursor: "nonsense" });
  await alice.say("room:tea", "");
  await chat.request("GET", "/nowhere");
  await chat.request("PUT", "/api/poll", {});

  const response = await chat.request("GET", "/metrics");

  assertMatch(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  assertEquals(await lines(chat, /_seconds|_bytes|_worker_| 0$/), [
    "halley_messages_total 1",
    "halley_deliveries_total 2",
    "halley_gaps_total 1",
    'halley_polls_total{outcome="message"} 2',
    'halley_polls_total{outcome="timedout"} 1',
    'halley_refusals_total{code="invalid_request"} 1',
    'halley_refusals_total{code="not_found"} 1',
    'halley_refusals_total{code="method_not_allowed"} 1',
  ]);
});

Deno.test("[O40] metrics have the durations of polls and of deliveries", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll({ channels: ["room:tea"] });
  await alice.say("room:tea", "before");
  await clock.pass(60_000);
  await bob.poll({ channels: ["room:tea"], cursor });
  const { cursor: next } = await bob.poll({ channels: ["room:tea"] });

  const parked = bob.poll({ channels: ["room:tea"], cursor: next, hold: 20_000 });
  await clock.pass(4_000);
  await alice.say("room:tea", "hello");
  await parked;

  // Three polls were answered at once and one after four seconds. Only that one waited for its message.
  const samples = await lines(chat, / 0$/);
  assertEquals(
    samples.filter((line) => /hold_seconds_(bucket\{le="(0.01|2.5|5)"\}|count)/.test(line)),
    [
      'halley_poll_hold_seconds_bucket{le="0.01"} 3',
      'halley_poll_hold_seconds_bucket{le="2.5"} 3',
      'halley_poll_hold_seconds_bucket{le="5"} 4',
      "halley_poll_hold_seconds_count 4",
    ],
  );
  assertEquals(samples.filter((line) => line.includes("delivery_seconds_count")), [
    "halley_delivery_seconds_count 1",
  ]);
});

Deno.test("[O40] the duration of a poll with an API key begins with its request", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  await clock.pass(600_000);

  await chat.app.request("/api/poll", {
    method: "POST",
    headers: { authorization: `Bearer ${KEYS.read}`, "content-type": "application/json" },
    body: "{}",
  });

  const sum = (await lines(chat, / 0$/)).find((line) => line.includes("hold_seconds_sum"));
  assertEquals(sum, undefined);
});
