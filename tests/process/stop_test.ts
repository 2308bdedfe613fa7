import { assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { ServerProcess } from "../support/server_process.ts";
import { waitUntil } from "../support/wait_until.ts";
import { parkPoll, RemoteChat } from "../support/remote_chat.ts";

const IN_MEMORY = { STORE: "memory" };

Deno.test("[O6] /live and /ready respond with 200 while the server runs", async () => {
  await using halley = await ServerProcess.start({ settings: IN_MEMORY });
  using chat = new RemoteChat(halley.url);

  assertEquals((await chat.request("GET", "/live")).status, 200);
  assertEquals((await chat.request("GET", "/ready")).status, 200);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`[O6] after ${signal} /ready responds with 503, and /live with 200`, async () => {
    await using halley = await ServerProcess.start({
      settings: { ...IN_MEMORY, DRAIN_DELAY: "30000" },
    });
    using chat = new RemoteChat(halley.url);

    halley.kill(signal);
    await halley.line(/"event":"draining"/);

    const ready = await chat.request("GET", "/ready");
    assertEquals(ready.status, 503);
    assertEquals(await ready.json(), { status: "unready", reason: "The server is stopping" });
    assertEquals((await chat.request("GET", "/live")).status, 200);
  });

  Deno.test(`[O7] after ${signal} the server serves requests for the drain delay, and exits with status 0`, async () => {
    await using halley = await ServerProcess.start({
      settings: { ...IN_MEMORY, DRAIN_DELAY: "2000" },
    });
    using chat = new RemoteChat(halley.url);
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { reply } = await parkPoll(bob, "room:tea");

    halley.kill(signal);
    await halley.line(/"event":"draining"/);

    assertEquals((await alice.say("room:tea", "still here?")).status, 201);
    assertEquals((await reply).messages.map(({ text }) => text), ["still here?"]);
    assertEquals(
      (await chat.request("POST", "/api/sessions", { displayName: "carol" })).status,
      201,
    );
    assertEquals((await halley.ended()).code, 0);
  });
}

Deno.test("[O7] a signal right after the server has printed its address stops it", async () => {
  for (let time = 0; time < 5; time++) {
    await using halley = await ServerProcess.start({
      settings: { ...IN_MEMORY, DRAIN_DELAY: "0" },
    });

    halley.kill("SIGTERM");

    assertEquals((await halley.ended()).code, 0);
  }
});

Deno.test("[O7] every parked poll is answered, each with a different retryAfter", async () => {
  await using halley = await ServerProcess.start({
    settings: { ...IN_MEMORY, DRAIN_DELAY: "500" },
  });
  using chat = new RemoteChat(halley.url);
  const polls = [
    await parkPoll(await chat.signIn("alice"), "room:tea"),
    await parkPoll(await chat.signIn("bob"), "room:milk"),
    await parkPoll(await chat.signIn("carol"), "room:sugar"),
  ];

  halley.kill("SIGTERM");
  const replies = await Promise.all(polls.map(({ reply }) => reply));

  for (const { outcome, messages, retryAfter } of replies) {
    assertEquals({ outcome, messages }, { outcome: "timedout", messages: [] });
    assertGreaterOrEqual(retryAfter, 1_000);
  }
  assertEquals(new Set(replies.map(({ retryAfter }) => retryAfter)).size, 3);
  assertEquals((await halley.ended()).code, 0);
});

Deno.test("[O7] no parked poll is answered before the drain delay is over", async () => {
  await using halley = await ServerProcess.start({
    settings: { ...IN_MEMORY, DRAIN_DELAY: "1500" },
  });
  using chat = new RemoteChat(halley.url);
  const { reply } = await parkPoll(await chat.signIn("bob"), "room:tea");

  const start = performance.now();
  halley.kill("SIGTERM");
  await reply;

  assertGreaterOrEqual(performance.now() - start, 1_490);
});

Deno.test("[O7] a message that was acknowledged during the drain delay is stored", async () => {
  await using halley = await ServerProcess.start({ settings: { DRAIN_DELAY: "1000" } });
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  halley.kill("SIGTERM");
  await halley.line(/"event":"draining"/);
  assertEquals((await alice.say("room:tea", "goodbye")).status, 201);
  await halley.ended();

  await using again = await ServerProcess.start({ folder: halley.folder });

  using chatAgain = new RemoteChat(again.url);
  const carol = await chatAgain.signIn("carol");
  const { messages } = await (await carol.request("GET", "/api/channels/room:tea/messages")).json();
  assertEquals(messages.map(({ text }: { text: string }) => text), ["goodbye"]);
});

Deno.test("[O7] several signals within a second count as one", async () => {
  await using halley = await ServerProcess.start({
    settings: { ...IN_MEMORY, DRAIN_DELAY: "500" },
  });

  halley.kill("SIGINT");
  await halley.line(/"event":"draining"/);
  halley.kill("SIGINT");
  halley.kill("SIGTERM");

  const { code, stderr } = await halley.ended();
  assertEquals(code, 0);
  assertEquals(stderr.match(/"event":"draining"/g)?.length, 1);
});

Deno.test("[O7] a second signal, more than a second after the first, ends the server at once", async () => {
  await using halley = await ServerProcess.start({
    settings: { ...IN_MEMORY, DRAIN_DELAY: "30000" },
  });

  halley.kill("SIGINT");
  await halley.line(/"event":"draining"/);
  const first = performance.now();
  await waitUntil(() => performance.now() - first > 1_000, "a second has passed");
  halley.kill("SIGINT");

  assertEquals((await halley.ended()).code, 130);
  assertLessOrEqual(performance.now() - first, 15_000);
});
