import { assertEquals } from "@std/assert";
import type { MessageTrace, SessionTrace } from "../../server/protocol/admin_replies.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";

function ask(chat: Chat, query: string, key: string = KEYS.admin): Promise<Response> {
  const headers = { authorization: `Bearer ${key}` };
  return Promise.resolve(chat.app.request(`/api/trace?${query}`, { headers }));
}

function open(tracedEvents = 1_000): Promise<Chat> {
  return Chat.open({ traceCapacity: tracedEvents });
}

Deno.test("[M16] a trace tells which tabs polled, were woken, answered, and acknowledged", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll({ tab: "phone" });
  const poll = bob.poll({ tab: "phone", cursor });
  const { id, channel } = await (await alice.say(`direct:${bob.publicToken}`, "hello")).json();
  const given = await poll;
  await bob.poll({ tab: "phone", cursor: given.cursor, hold: 0 });

  const trace: MessageTrace = await (await ask(chat, `message=${id}`)).json();

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
    { what: "was given it, and has not come back", verdict: "answered" },
    { what: "polls elsewhere in the log", verdict: "polling" },
    { what: "went away", verdict: "left" },
  ] as const
) {
  Deno.test(`[M16] of a reader who ${what} the verdict is "${verdict}"`, async () => {
    await using chat = await open();
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await bob.poll({ tab: "phone" });
    const aborter = new AbortController();
    const request = { channels: [], tab: "phone", state: "active", wantsSignals: true } as const;
    const session = await chat.test.hub.sessions.authenticate(bob.privateToken);
    const poll = (place: string) =>
      chat.test.hub.poll(session!, { ...request, cursor: place, connection: aborter });

    if (verdict === "left") {
      const parked = poll(cursor);
      aborter.abort();
      await parked;
    }
    const { id } = await (await alice.say(`direct:${bob.publicToken}`, "hello")).json();
    if (verdict === "answered") await poll(cursor);

    const trace: MessageTrace = await (await ask(chat, `message=${id}`)).json();
    assertEquals(trace.readers.map((reader) => reader.verdict), [verdict]);
  });
}

Deno.test("[M16] that a recipient did not poll at all is told", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { id } = await (await alice.say(`direct:${bob.publicToken}`, "hello")).json();

  const trace: MessageTrace = await (await ask(chat, `message=${id}`)).json();

  assertEquals(trace.recipient, { session: bob.publicToken, polled: false });
  assertEquals(trace.readers, []);
});

Deno.test("[M16] a trace of a session has its polls, and what came for it alone", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await bob.poll({ tab: "phone" });
  await alice.poll();
  await alice.say(`direct:${bob.publicToken}`, "hello");
  await alice.say("room:tea", "hello all");

  const trace: SessionTrace = await (await ask(chat, `session=${bob.publicToken}`)).json();

  assertEquals(trace.events.map(({ event }) => event), ["polled", "answered", "appended"]);
});

Deno.test("[M16] a trace of a session is asked for by its whole public token", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say(`direct:${bob.publicToken}`, "hello");

  for (const session of ["direct", bob.publicToken.slice(1)]) {
    const trace: SessionTrace = await (await ask(chat, `session=${session}`)).json();
    assertEquals(trace.events, []);
  }
});

Deno.test("[M17] a trace holds no text and no private token", async () => {
  await using chat = await open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await bob.poll();
  await alice.say(`direct:${bob.publicToken}`, "a great secret");

  const text = await (await ask(chat, "message=1")).text() +
    await (await ask(chat, `session=${bob.publicToken}`)).text();

  for (const secret of ["a great secret", alice.privateToken, bob.privateToken, KEYS.admin]) {
    assertEquals(text.includes(secret), false);
  }
});

Deno.test("[M17] a trace keeps the newest events alone", async () => {
  await using chat = await open(10);
  const alice = await chat.signIn("alice");
  for (let n = 0; n < 20; n++) await alice.poll();

  const trace: SessionTrace = await (await ask(chat, `session=${alice.publicToken}`)).json();

  assertEquals(trace.events.length, 10);
});

Deno.test("[M18] a trace is for administrators, and for one thing at a time", async () => {
  await using chat = await open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "hello");

  await expectRefusal(ask(chat, "message=1", KEYS.read), 403, "not_allowed");
  await expectRefusal(ask(chat, "message=1", alice.privateToken), 401, "not_signed_in");
  await expectRefusal(ask(chat, "message=2"), 404, "not_found");
  for (const query of ["", "message=x", "session=", "message=1&session=x", "messages=1"]) {
    await expectRefusal(ask(chat, query), 422, "invalid_request");
  }
});

Deno.test("[M18] where nothing is traced that is told", async () => {
  await using chat = await open(0);

  await expectRefusal(ask(chat, "session=x"), 404, "not_found");
});
