import { assertEquals } from "@std/assert";
import type { Problem } from "../../server/protocol/refusal.ts";
import { Chat, KEYS, type TestUser } from "../support/chat.ts";
import { expectHarmless, expectOrdinaryConversation } from "../support/conversation.ts";
import { expectRefusal } from "../support/problem.ts";
import { PROTECTED } from "../support/routes.ts";

/** A request that must be refused: its title, the answer, and how alice sends it. */
type BadRequest = readonly [
  title: string,
  answer: { readonly status: number; readonly code: Problem["code"] },
  send: (alice: TestUser, chat: Chat) => Promise<Response>,
];

const BAD_JSON = { status: 400, code: "bad_json" } as const;
const BODY_TOO_LARGE = { status: 413, code: "body_too_large" } as const;
const TEXT_TOO_LONG = { status: 413, code: "text_too_long" } as const;
const WRONG_TYPE = { status: 415, code: "unsupported_media_type" } as const;
const INVALID = { status: 422, code: "invalid_request" } as const;

function post(path: string, body: BodyInit, headers?: Record<string, string>) {
  return (alice: TestUser) => alice.post(path, body, headers);
}

function poll(body: Record<string, unknown>) {
  return (alice: TestUser) => alice.request("POST", "/api/poll", body);
}

function send(body: Record<string, unknown>) {
  return (alice: TestUser) => alice.request("POST", "/api/messages", body);
}

function get(path: string) {
  return (alice: TestUser) => alice.request("GET", path);
}

/** The body of a message with this size. */
function bodyOf(bytes: number): string {
  const empty = '{"channel":"room:tea","data":""}';
  return empty.replace('""', `"${"x".repeat(bytes - empty.length)}"`);
}

/** The body of a message whose characters are sent as one byte each. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  const body = JSON.stringify({ channel: "room:tea", text });
  return Uint8Array.from(body, (character) => character.charCodeAt(0));
}

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const rooms = (count: number) => Array.from({ length: count }, (_, n) => `room:${n}`);
const MEBIBYTE = 1_048_576;
const FORM = "application/x-www-form-urlencoded";

const BAD_REQUESTS: readonly BadRequest[] = [
  ["[N2] an empty body", BAD_JSON, post("/api/poll", "")],
  ["[N2] half an object", BAD_JSON, post("/api/poll", '{"channels":[')],
  ["[N2] two objects", BAD_JSON, post("/api/poll", "{}{}")],
  ["[N2] a form", BAD_JSON, post("/api/poll", "channel=room:tea&text=hello")],
  ["[N2] NaN", BAD_JSON, post("/api/poll", '{"hold":NaN}')],
  ["[N2] 30,000 open brackets", BAD_JSON, post("/api/poll", "[".repeat(30_000))],
  ["[A9] invalid UTF-8", INVALID, post("/api/messages", new Uint8Array([0xff, 0xfe, 0, 0x80]))],
  ["[A9] a compressed body", INVALID, post("/api/messages", new Uint8Array([0x1f, 0x8b, 8, 0, 0]))],
  ["[A9] a compressed poll", BAD_JSON, post("/api/poll", new Uint8Array([0x1f, 0x8b, 8, 0, 0]))],
  ["[A9] a cursor in Latin-1", INVALID, post("/api/poll", latin1('{"cursor":"\xfc.1"}'))],
  ["[A9] a tab in Latin-1", INVALID, post("/api/poll", latin1('{"tab":"\xfc"}'))],
  [
    "[A9] a room in Latin-1",
    INVALID,
    post("/api/poll", latin1('{"channels":["room:Gr\xf6\xdfe"]}')),
  ],
  ["[A9] a text in Latin-1", INVALID, post("/api/messages", latin1("Gr\xf6\xdfe"))],
  [
    "[A9] a declared charset other than UTF-8",
    WRONG_TYPE,
    post("/api/messages", latin1("Gr\xf6\xdfe"), {
      "content-type": "application/json; charset=iso-8859-1",
    }),
  ],
  [
    "[A9] several charsets",
    WRONG_TYPE,
    post("/api/poll", "{}", { "content-type": "application/json; charset=utf-8; Charset=latin1" }),
  ],
  [
    "[A8] a number that JavaScript cannot represent",
    INVALID,
    post("/api/messages", '{"channel":"room:tea","data":{"id":1688888483063664642}}'),
  ],

  ["[N2] no content type", WRONG_TYPE, post("/api/poll", "{}", { "content-type": "" })],
  ["[N2] text/plain", WRONG_TYPE, post("/api/poll", "{}", { "content-type": "text/plain" })],
  ["[N2] the type of a form", WRONG_TYPE, post("/api/poll", "{}", { "content-type": FORM })],
  [
    "[N2] application/json-seq",
    WRONG_TYPE,
    post("/api/poll", "{}", { "content-type": "application/json-seq" }),
  ],

  ["[N2] a body of 65,537 bytes", BODY_TOO_LARGE, post("/api/messages", bodyOf(65_537))],
  [
    "[N2] a body of 65,537 bytes with its length",
    BODY_TOO_LARGE,
    post("/api/messages", bodyOf(65_537), { "content-length": "65537" }),
  ],
  [
    // The app receives two headers of one name like this. HTTP/1.1 allows them if they are equal.
    "[N2] a body of 1 MiB with its length twice",
    BODY_TOO_LARGE,
    post("/api/messages", bodyOf(MEBIBYTE), { "content-length": `${MEBIBYTE}, ${MEBIBYTE}` }),
  ],
  [
    "[N2] a form of 1 MiB from a legacy page",
    BODY_TOO_LARGE,
    post("/ChatHandler.ashx", `message=${"x".repeat(MEBIBYTE)}`, { "content-type": FORM }),
  ],

  [
    "[N5] a text of 8,193 bytes",
    TEXT_TOO_LONG,
    send({ channel: "room:tea", text: "茶".repeat(2_731) }),
  ],
  ["[N5] a text with a lone surrogate", INVALID, send({ channel: "room:tea", text: "tea \ud83d" })],
  [
    "[N5] data with 101 levels",
    INVALID,
    post("/api/messages", `{"channel":"room:tea","data":${nested(101)}}`),
  ],
  [
    "[N5] a text with 30,000 levels",
    INVALID,
    post("/api/messages", `{"channel":"room:tea","text":${nested(30_000)}}`),
  ],

  ["[N5] an invalid channel to read", INVALID, poll({ channels: ["room:te a"] })],
  ["[N5] a 257th channel to read", INVALID, poll({ channels: rooms(257) })],
  ["[N5] an invalid channel after 255 others", INVALID, poll({ channels: [...rooms(255), "tea"] })],
  ["[N5] an invalid channel to send to", INVALID, send({ channel: "tea", text: "hello" })],
  [
    "[N5] an invalid channel to type in",
    INVALID,
    post("/api/signals", '{"channel":"tea","type":"typing"}'),
  ],
  [
    "[N5] an invalid channel to open",
    INVALID,
    (alice) => alice.request("PUT", "/api/conversations/room:a:b", {}),
  ],
  [
    "[N5] an invalid channel to close",
    INVALID,
    (alice) => alice.request("DELETE", "/api/conversations/direct:bob"),
  ],
  [
    "[R2] typing among the notices",
    { status: 403, code: "not_allowed" },
    (alice) => alice.request("POST", "/api/signals", { channel: "notice", type: "typing" }),
  ],
];

/** JSON bodies that do not match the schema of their route. */
const INVALID_BODIES: Record<string, readonly string[]> = {
  "POST /api/poll": [
    ...["null", "7", '"text"', "[]", "[{}]", '{"cursor":7}', '{"cursor":null}'],
    ...['{"channels":"room:tea"}', '{"channels":{}}', '{"channels":[7]}', '{"unknown":1}'],
    ...['{"hold":"long"}', '{"hold":1e999}', '{"turn":1.5}', '{"turn":1e300}', '{"turn":"1"}'],
    ...['{"tab":7}', '{"tab":""}', '{"tab":"a b"}', '{"tab":"tâ"}', '{"tab":"\\u0000"}'],
    ...[`{"tab":"${"x".repeat(65)}"}`, '{"state":"away"}', '{"state":["active"]}'],
  ],
  "POST /api/messages": [
    ...["{}", '{"text":"hello"}', '{"channel":"room:tea"}', '{"channel":["room:tea"],"text":"x"}'],
    ...['{"channel":"room:tea","text":7}', '{"channel":"room:tea","text":null}'],
    ...['{"channel":"room:tea","text":""}', '{"channel":"room:tea","text":"x","data":1}'],
    ...['{"channel":"room:tea","text":"x","to":"bob"}', '{"channel":"room:tea","text":"x","id":7}'],
    ...['{"channel":"room:tea","text":"x","title":"System"}'],
    ...[
      '{"channel":"room:tea","text":"x","from":null}',
      '{"channel":"room:tea","text":"x","at":0}',
    ],
    ...[
      '{"channel":"room:tea","text":"x","key":7}',
      '{"channel":"room:tea","text":"x","key":"a b"}',
    ],
  ],
  "POST /api/signals": [
    ...["{}", '{"channel":"room:tea"}', '{"type":"typing"}'],
    ...['{"channel":"room:tea","type":"Typing"}', '{"channel":"room:tea","type":"presence"}'],
  ],
  "POST /api/sessions": [
    ...["{}", '{"displayName":7}', '{"displayName":""}', '{"displayName":"a\\nb"}'],
    ...[`{"displayName":"${"x".repeat(65)}"}`, '{"displayName":"bob","publicToken":"x"}'],
  ],
  "PUT /api/conversations/room:tea": [
    ...['{"readUpTo":-1}', '{"readUpTo":"1"}', '{"readUpTo":null}', '{"unreadFrom":-1}'],
    ...['{"readUpTo":1152921504606846976}', '{"tab":""}', '{"notify":"some"}', '{"pinned":1}'],
  ],
};

/** Queries that do not match the schema of the history. */
const INVALID_QUERIES = [
  ...["limit=0", "limit=101", "limit=-1", "limit=1e1", "limit=ten", "limit=", "limit=5%00"],
  ...["before=-1", "before=1.5", "before=0x10", "before=1000000000000000", "before=now", "before="],
];

/** Channels in a path, percent-encoded in unusual ways. */
const INVALID_PATHS = [
  ...["room:tea%2F..%2Fmilk", "room:tea%252Fmilk", "room%253Atea", "room:tea%00", "room:%ff%fe"],
  ...["room:tea%0d%0aset-cookie:x=1", "room:%zz", "room:%", "room:tea%20", "room:tea+milk"],
  ...["room:tea%3Flimit=1", "room:tea%23", "room:%ED%A0%80", "room:%C0%AE%C0%AE"],
  ...["notice%3AAAAAAAAAAAAAAAAA%00", "room:%E2%80%AEtea", `room:${"x".repeat(10_000)}`],
];

for (const [title, answer, attempt] of BAD_REQUESTS) {
  Deno.test(`${title} is refused with ${answer.status}`, () => expectHarmless(attempt, answer));
}

for (const [route, bodies] of Object.entries(INVALID_BODIES)) {
  const [method = "", path = ""] = route.split(" ");
  Deno.test(`[N2] ${route} refuses invalid bodies with 422`, async () => {
    await using chat = await Chat.open();
    const { privateToken, poll } = await chat.signIn("alice");
    const { cursor } = await poll();
    const headers = {
      "authorization": `Bearer ${privateToken}`,
      "content-type": "application/json",
    };

    for (const body of bodies) {
      const response = await chat.app.request(path, { method, headers, body });
      assertEquals([body, response.status], [body, 422]);
    }

    assertEquals((await poll()).cursor, cursor);
    await expectOrdinaryConversation(chat);
  });
}

Deno.test("[N2] the history refuses invalid queries with 422", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const query of INVALID_QUERIES) {
    const asking = get(`/api/channels/room:tea/messages?${query}`)(alice);
    await expectRefusal(asking, 422, "invalid_request");
  }
});

for (const path of INVALID_PATHS) {
  Deno.test(`[N5] ${path.slice(0, 40)} is not a channel with history or presence`, async () => {
    for (const resource of ["messages", "presence"]) {
      await expectHarmless(get(`/api/channels/${path}/${resource}`), INVALID);
    }
  });
}

for (const segment of [".", "..", "%2e%2e", "%2e", "room:tea/../../..", "room:tea/%2e%2e"]) {
  Deno.test(`[N5] a path with ${segment} in it does not lead to a history`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const { status } = await get(`/api/channels/${segment}/messages`)(alice);

    assertEquals([404, 405].includes(status), true);
    await expectOrdinaryConversation(chat);
  });
}

Deno.test("[N5] the detail of a refusal does not repeat 10,000 characters", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const { detail } = await expectRefusal(
    alice.say(`room:${"x".repeat(10_000)}`, "hello"),
    422,
    "invalid_request",
  );

  assertEquals(detail.length < 400, true);
});

for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
  Deno.test(`[Q14] no route accepts the member "${key}"`, async () => {
    await using chat = await Chat.open();
    const { privateToken } = await chat.signIn("alice");
    const publish = { path: "/api/publish", method: "POST", body: { to: "room:tea", text: "hi" } };

    for (const { method, path, body } of [...PROTECTED, publish]) {
      if (body === undefined) continue;
      const token = path === "/api/publish" ? KEYS.publish : privateToken;
      const json = JSON.stringify(body).replace(/^\{/, `{"${key}":{"isAdmin":true},`)
        .replace(",}", "}");
      const sending = chat.app.request(path, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: json,
      });
      await expectRefusal(sending, 422, "invalid_request");
    }
    assertEquals("isAdmin" in {}, false);
  });
}
