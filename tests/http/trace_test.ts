import { assert, assertEquals } from "@std/assert";
import type { MessageTrace, SessionTrace } from "../../server/protocol/admin_replies.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";

function getTrace(chat: Chat, query: string, key: string = KEYS.admin): Promise<Response> {
  const headers = { authorization: `Bearer ${key}` };
  return Promise.resolve(chat.app.request(`/api/trace?${query}`, { headers }));
}

function open(traceBytes = 2 ** 20): Promise<Chat> {
  return Chat.open({ traceBytes });
}

Deno.test("[M16] a trace has the polls, wakes, replies and acknowledgements of each tab", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll({ tab: "phone" });
  const poll = bob.poll({ tab: "phone", cursor });
  const { id, channel } = await (await alice.say(`direct:${bob.publicToken}`, "hello")).json();
  const reply = await poll;
  await bob.poll({ tab: "phone", cursor: reply.cursor, hold: 0 });

  const trace: MessageTrace = await (await getTrace(chat, `message=${id}`)).json();

  assertEquals([trace.message.id, trace.message.channel], [id, channel]);
  assertEquals(trace.topics.includes(`inbox:${bob.publicToken}`), true);
  assertEquals(trace.recipient, { session: bob.publicToken, polled: true });
  const [reader, ...others] = trace.readers;
  assertEquals(others, []);
  assertEquals([reader?.session, reader?.tab, reader?.verdict], [
    bob.publicToken,
    "phone",
    "acknowledged",
  ]);
  assertEquals(reader?.events.map(({ event }) => event), ["polled", "woken", "answered", "polled"]);
});

for (
  const { what, verdict } of [
    { what: "got the message and has not polled again", verdict: "answered" },
    { what: "polled before the message", verdict: "polling" },
    { what: "disconnected", verdict: "left" },
  ] as const
) {
  Deno.test(`[M16] the verdict on a reader who ${what} is "${verdict}"`, async () => {
    await using chat = await open();
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await bob.poll({ tab: "phone" });
    const aborter = new AbortController();
    const request = { channels: [], tab: "phone", state: "active", wantsSignals: true } as const;
    const session = await chat.test.hub.sessions.authenticate(bob.privateToken);
    const poll = (cursor: string) =>
      chat.test.hub.poll(session!, { ...request, cursor, connection: aborter });

    if (verdict === "left") {
      const parked = poll(cursor);
      aborter.abort();
      await parked;
    }
    const { id } = await (await alice.say(`direct:${bob.publicToken}`, "hello")).json();
    if (verdict === "answered") await poll(cursor);

    const trace: MessageTrace = await (await getTrace(chat, `message=${id}`)).json();
    assertEquals(trace.readers.map((reader) => reader.verdict), [verdict]);
  });
}

Deno.test("[M16] a trace shows that the recipient did not poll", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { id } = await (await alice.say(`direct:${bob.publicToken}`, "hello")).json();

  const trace: MessageTrace = await (await getTrace(chat, `message=${id}`)).json();

  assertEquals(trace.recipient, { session: bob.publicToken, polled: false });
  assertEquals(trace.readers, []);
});

Deno.test("[M16] the trace of a session has its polls and the messages for it", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await bob.poll({ tab: "phone" });
  await alice.poll();
  await alice.say(`direct:${bob.publicToken}`, "hello");
  await alice.say("room:tea", "hello all");

  const trace: SessionTrace = await (await getTrace(chat, `session=${bob.publicToken}`)).json();

  assertEquals(trace.events.map(({ event }) => event), ["polled", "answered", "appended"]);
});

Deno.test("[M16] the trace of a session needs its whole public token", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say(`direct:${bob.publicToken}`, "hello");

  for (const session of ["direct", bob.publicToken.slice(1)]) {
    const trace: SessionTrace = await (await getTrace(chat, `session=${session}`)).json();
    assertEquals(trace.events, []);
  }
});

Deno.test("[M17] a trace contains no text and no private token", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await bob.poll();
  await alice.say(`direct:${bob.publicToken}`, "a secret");

  const text = await (await getTrace(chat, "message=1")).text() +
    await (await getTrace(chat, `session=${bob.publicToken}`)).text();

  for (const secret of ["a secret", alice.privateToken, bob.privateToken, KEYS.admin]) {
    assertEquals(text.includes(secret), false);
  }
});

Deno.test("[M17] a trace has only the newest events", async () => {
  await using chat = await open(2_600);
  const alice = await chat.signIn("alice");
  for (let n = 0; n < 20; n++) await alice.poll();

  const trace: SessionTrace = await (await getTrace(chat, `session=${alice.publicToken}`)).json();

  assert(trace.events.length > 5 && trace.events.length < 20);
  assertEquals(trace.events.at(-1)?.event, "answered");
});

Deno.test("[M18] a trace requires the scope admin, and is for either a message or a session", async () => {
  await using chat = await open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "hello");

  await expectRefusal(getTrace(chat, "message=1", KEYS.read), 403, "not_allowed");
  await expectRefusal(getTrace(chat, "message=1", alice.privateToken), 401, "not_signed_in");
  await expectRefusal(getTrace(chat, "message=2"), 404, "not_found");
  for (const query of ["", "message=x", "session=", "message=1&session=x", "messages=1"]) {
    await expectRefusal(getTrace(chat, query), 422, "invalid_request");
  }
});

Deno.test("[M18] a disabled trace is answered 404", async () => {
  await using chat = await open(0);

  await expectRefusal(getTrace(chat, "session=x"), 404, "not_found");
});
