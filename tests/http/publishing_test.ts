import { assertEquals, assertMatch } from "@std/assert";
import { answer, Chat, KEYS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";
import { JWT } from "../support/tokens.ts";

const PUBLISHER = { authorization: `Bearer ${KEYS.publish}` };

/** Publishes as a back end does. */
function publish(chat: Chat, body: unknown, headers: HeadersInit = PUBLISHER): Promise<Response> {
  return Promise.resolve(chat.app.request("/api/publish", {
    method: "POST",
    headers: { "content-type": "application/json", ...Object.fromEntries(new Headers(headers)) },
    body: JSON.stringify(body),
  }));
}

/** Publishes a text as it is, like a shell does. */
async function post(chat: Chat, recipient: string, text: string, headers: HeadersInit = {}) {
  return await chat.app.request(`/api/channels/${encodeURIComponent(recipient)}/messages`, {
    method: "POST",
    headers: { ...PUBLISHER, ...Object.fromEntries(new Headers(headers)) },
    body: text,
  });
}

Deno.test("[M1] a back end publishes to a room, to a session and to everyone", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const [forAlice, forBob] = [await alice.poll(), await bob.poll()];
  const channels = ["room:tea"];

  const published = await answer(publish(chat, {
    messages: [
      { to: "room:tea", text: "hello room" },
      { to: `session:${alice.publicToken}`, title: "Psst", text: "hello alice" },
      { to: "everyone", data: { all: true } },
    ],
  }));

  assertEquals(published, {
    status: 201,
    body: {
      messages: [
        { id: 1, channel: "room:tea", repeated: false },
        { id: 2, channel: `notice:${alice.publicToken}`, repeated: false },
        { id: 3, channel: "notice", repeated: false },
      ],
    },
  });
  const got = (await alice.poll({ cursor: forAlice.cursor, channels })).messages;
  assertEquals(got.map(({ title, text, data, from }) => ({ title, text, data, from })), [
    { title: undefined, text: "hello room", data: undefined, from: undefined },
    { title: "Psst", text: "hello alice", data: undefined, from: undefined },
    { title: undefined, text: undefined, data: { all: true }, from: undefined },
  ]);
  const others = (await bob.poll({ cursor: forBob.cursor, channels })).messages;
  assertEquals(others.map(({ id }) => id), [1, 3]);
});

Deno.test("[M1] a publication can have several recipients, each with its own message", async () => {
  await using chat = await Chat.open();

  const { body } = await answer(publish(chat, { to: ["room:tea", "room:milk"], text: "hello" }));

  assertEquals(body, {
    messages: [
      { id: 1, channel: "room:tea", repeated: false },
      { id: 2, channel: "room:milk", repeated: false },
    ],
  });
});

Deno.test("[M2] a repeated key publishes nothing, and the reply says so", async () => {
  await using chat = await Chat.open();
  const publication = { to: ["room:tea", "room:milk"], text: "hello", key: "k" };

  const first = await answer(publish(chat, publication));
  const again = await answer(publish(chat, publication));

  assertEquals([first.status, again.status], [201, 200]);
  assertEquals(again.body, {
    messages: [
      { id: 1, channel: "room:tea", repeated: true },
      { id: 2, channel: "room:milk", repeated: true },
    ],
  });
});

Deno.test("[M2] a reused key is refused, and nothing of the request is published", async () => {
  await using chat = await Chat.open();
  await publish(chat, { to: "room:tea", text: "hello", key: "k" });

  const messages = [{ to: "room:tea", text: "new" }, { to: "room:tea", text: "other", key: "k" }];
  const { detail } = await expectRefusal(publish(chat, { messages }), 409, "key_reused");
  assertEquals(detail, 'The key "k" was used for another message');

  assertEquals(await chat.test.store.log.newestId(), 1);
});

Deno.test("[M2] idempotency keys belong to their API key", async () => {
  await using chat = await Chat.open();
  const publication = { to: "room:tea", text: "hello", key: "k" };

  await publish(chat, publication);
  const other = await answer(
    publish(chat, publication, { authorization: `Bearer ${KEYS.admin}` }),
  );

  assertEquals(other.status, 201);
});

Deno.test("[M3] a body is published as text, with its title and key in headers", async () => {
  await using chat = await Chat.open();
  const headers = { "content-type": "application/x-www-form-urlencoded", "x-key": "k" };
  const title = String.fromCharCode(...new TextEncoder().encode("Küche ☕"));

  const first = await answer(post(chat, "room:office", "lunch=is&here %41", {
    ...headers,
    "x-title": title,
  }));
  const again = await post(chat, "room:office", "lunch=is&here %41", {
    ...headers,
    "x-title": title,
  });

  assertEquals(first, { status: 201, body: { id: 1, channel: "room:office", repeated: false } });
  assertEquals(again.status, 200);
  const message = await chat.test.store.log.get(1);
  assertEquals([message?.title, message?.text], ["Küche ☕", "lunch=is&here %41"]);
});

Deno.test("[M4] an invalid publication is refused, and nothing of the request is published", async () => {
  await using chat = await Chat.open();
  const good = { to: "room:tea", text: "good" };
  const cases = [
    [{ to: "tea", text: "x" }, 422, "invalid_request"],
    [{ to: "room:", text: "x" }, 422, "invalid_request"],
    [{ to: [], text: "x" }, 422, "invalid_request"],
    [{ to: "user:", text: "x" }, 422, "invalid_request"],
    [{ to: "direct:a:b", text: "x" }, 422, "invalid_request"],
    [{ to: "everyone" }, 422, "invalid_request"],
    [{ to: "everyone", text: "x", data: 1 }, 422, "invalid_request"],
    [{ to: "everyone", text: "x", from: "alice" }, 422, "invalid_request"],
    [{ to: "everyone", text: "x".repeat(8_193) }, 413, "text_too_long"],
    [{ to: "session:0123456789abcdef", text: "x" }, 404, "unknown_recipient"],
    [{ to: "session:<script>", text: "x" }, 404, "unknown_recipient"],
  ] as const;

  for (const [bad, status, code] of cases) {
    await expectRefusal(publish(chat, { messages: [good, bad] }), status, code);
  }
  await expectRefusal(publish(chat, { messages: [] }), 422, "invalid_request");
  await expectRefusal(publish(chat, {}), 422, "invalid_request");

  assertEquals(await chat.test.store.log.newestId(), 0);
});

Deno.test("[M4] a refusal names the invalid member", async () => {
  await using chat = await Chat.open();
  const cases = [
    [{}, '"to" is missing'],
    [{ to: "everyone", txt: "typo" }, '"txt" is unknown'],
    [
      { messages: [{ to: "everyone", text: "x" }, { to: "everyone", txt: "y" }] },
      '"messages.1.txt" is unknown',
    ],
  ] as const;

  for (const [body, expected] of cases) {
    const { detail } = await expectRefusal(publish(chat, body), 422, "invalid_request");
    assertEquals(detail, expected);
  }
});

Deno.test("[M4] 10,000 messages in one request are refused", async () => {
  await using chat = await Chat.open();
  const messages = Array.from({ length: 10_000 }, () => ({ to: "room:tea", text: "x" }));

  await expectRefusal(publish(chat, { messages }), 413, "too_many_messages");

  assertEquals(await chat.test.store.log.newestId(), 0);
});

Deno.test("[M4] a request of more than 1 MiB is refused", async () => {
  await using chat = await Chat.open();
  const messages = Array.from({ length: 200 }, () => ({ to: "room:tea", text: "x".repeat(8_000) }));

  await expectRefusal(publish(chat, { messages }), 413, "body_too_large");
});

Deno.test("[M5] an unknown API key is refused with 401, and one without the scope with 403", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const publication = { to: "everyone", text: "hello" };

  for (const token of ["wrong", alice.privateToken]) {
    const refused = publish(chat, publication, { authorization: `Bearer ${token}` });
    await expectRefusal(refused, 401, "not_signed_in");
  }
  const reader = { authorization: `Bearer ${KEYS.read}` };
  const { detail } = await expectRefusal(publish(chat, publication, reader), 403, "not_allowed");

  assertEquals(detail, 'The API key "reader" does not have the scope "publish"');
  assertEquals(await chat.test.store.log.newestId(), 0);
});

Deno.test("[M33] a request for people refuses an API key, and names the one for back ends", async () => {
  for (const jwt of [undefined, JWT]) {
    await using chat = await Chat.open({ ...(jwt && { jwt }) });
    const request = (method: string, path: string, body?: unknown) =>
      Promise.resolve(chat.app.request(path, {
        method,
        headers: { authorization: `Bearer ${KEYS.admin}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }));
    const refused = [
      request("POST", "/api/messages", { channel: "room:tea", text: "hello" }),
      request("POST", "/api/signals", { channel: "room:tea", type: "typing" }),
      request("GET", "/api/session"),
      request("DELETE", "/api/session"),
      request("GET", "/api/conversations"),
      request("PUT", "/api/conversations/room:tea", {}),
      request("DELETE", "/api/conversations/room:tea"),
    ];

    for (const one of refused) {
      assertMatch((await expectRefusal(one, 403, "not_allowed")).detail, /POST \/api\/publish/);
    }
    assertEquals(await chat.test.store.log.newestId(), 0);
  }
});

Deno.test("[M5] the scope admin includes the others", async () => {
  await using chat = await Chat.open();
  const admin = { authorization: `Bearer ${KEYS.admin}` };

  const published = await publish(chat, { to: "everyone", text: "hello" }, admin);
  const asked = await chat.app.request("/api/messages/1/deliveries", { headers: admin });

  assertEquals([published.status, asked.status], [201, 200]);
});

Deno.test("[M6] an API key with the scope read can poll rooms and is present nowhere", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const poll = async (body: unknown) => {
    const response = await chat.app.request("/api/poll", {
      method: "POST",
      headers: { authorization: `Bearer ${KEYS.read}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return await response.json();
  };
  const channels = ["room:tea"];
  const { cursor } = await poll({ channels });
  await alice.say("room:tea", "hello");

  const { messages } = await poll({ channels, cursor });
  const presence = await answer(alice.request("GET", "/api/channels/room:tea/presence"));

  assertEquals(messages.map(({ text }: { text: string }) => text), ["hello"]);
  assertEquals(presence.body, { present: [], total: 0 });
});

Deno.test("[M6] more than eight programs can read with one API key", async () => {
  await using chat = await Chat.open();
  const poll = async (tab: string, cursor?: string) => {
    const response = await chat.app.request("/api/poll", {
      method: "POST",
      headers: { authorization: `Bearer ${KEYS.read}`, "content-type": "application/json" },
      body: JSON.stringify({ tab, channels: ["room:tea"], ...(cursor && { cursor }) }),
    });
    return await response.json();
  };
  const tabs = Array.from({ length: 12 }, (_, n) => `program-${n}`);
  const { cursor } = await poll("first");

  const polls = tabs.map((tab) => poll(tab, cursor));
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "hello");

  const outcomes = (await Promise.all(polls)).map(({ outcome }) => outcome);
  assertEquals(outcomes, tabs.map(() => "message"));
});

Deno.test("[M6] an API key cannot read direct messages or send messages", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { channel } = await (await alice.say(`direct:${bob.publicToken}`, "psst")).json();
  const headers = { authorization: `Bearer ${KEYS.read}`, "content-type": "application/json" };

  const history = chat.app.request(`/api/channels/${channel}/messages`, { headers });
  await expectRefusal(Promise.resolve(history), 403, "not_allowed");
  const send = chat.app.request("/api/messages", {
    method: "POST",
    headers,
    body: JSON.stringify({ channel: "room:tea", text: "hello" }),
  });
  await expectRefusal(Promise.resolve(send), 403, "not_allowed");
});
