import { assertEquals } from "@std/assert";
import { Chat } from "../support/chat.ts";
import { expectHarmless } from "../support/conversation.ts";
import { expectRefusal } from "../support/problem.ts";

const BAD_JSON = { status: 400, code: "bad_json" } as const;
const TOO_LARGE = { status: 413, code: "body_too_large" } as const;
const OTHER_TYPE = { status: 415, code: "unsupported_media_type" } as const;
const INVALID = { status: 422, code: "invalid_request" } as const;

const NO_JSON: Record<string, BodyInit> = {
  "nothing": "",
  "blanks": "  \n",
  "half an object": '{"channels":[',
  "two values": "{}{}",
  "a form": "channel=room:tea&text=hello",
  "JavaScript": "{channels:[]}",
  "a comment": "{}/**/",
  "NaN": '{"hold":NaN}',
  "30,000 open brackets": "[".repeat(30_000),
  "bytes that are no text": new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
  "compressed bytes": new Uint8Array([0x1f, 0x8b, 0x08, 0x00, 0x00]),
};

for (const [what, body] of Object.entries(NO_JSON)) {
  Deno.test(`[N2] a body of ${what} is refused with 400`, async () => {
    await expectHarmless((alice) => alice.post("/api/poll", body), BAD_JSON);
  });
}

const MISFITS = {
  "/api/poll": [
    "null",
    "7",
    '"text"',
    "[]",
    "[{}]",
    '{"cursor":7}',
    '{"cursor":null}',
    '{"channels":"room:tea"}',
    '{"channels":{}}',
    '{"channels":[7]}',
    '{"hold":"long"}',
    '{"hold":1e999}',
    '{"turn":1.5}',
    '{"turn":1e300}',
    '{"turn":"1"}',
    '{"tab":7}',
    '{"state":"away"}',
    '{"state":["active"]}',
    '{"unknown":1}',
    '{"__proto__":{}}',
    '{"constructor":{}}',
    '{"toString":1}',
  ],
  "/api/messages": [
    "{}",
    '{"text":"hello"}',
    '{"channel":"room:tea"}',
    '{"channel":"room:tea","text":7}',
    '{"channel":"room:tea","text":null}',
    '{"channel":["room:tea"],"text":"hello"}',
    '{"channel":"room:tea","text":"hello","data":1}',
    '{"channel":"room:tea","text":"hello","to":"bob"}',
    '{"channel":"room:tea","text":"hello","key":7}',
    '{"__proto__":{"channel":"room:tea","text":"hello"}}',
  ],
  "/api/signals": ["{}", '{"channel":"room:tea"}', '{"type":"typing"}'],
  "/api/sessions": ["{}", '{"displayName":7}', '{"displayName":"bob","publicToken":"x"}'],
};

for (const [path, bodies] of Object.entries(MISFITS)) {
  for (const body of bodies) {
    Deno.test(`[N2] ${body} does not fit ${path}, and is refused with 422`, async () => {
      await expectHarmless((alice) => alice.post(path, body), INVALID);
    });
  }
}

for (
  const type of ["", "text/plain", "application/x-www-form-urlencoded", "application/json-seq"]
) {
  Deno.test(`[N2] a body of type "${type}" is refused with 415`, async () => {
    await expectHarmless(
      (alice) => alice.post("/api/poll", "{}", { "content-type": type }),
      OTHER_TYPE,
    );
  });
}

for (
  const type of [
    "application/json",
    "APPLICATION/JSON",
    "application/json; charset=utf-8",
    "application/json;charset=utf-8",
    "application/vnd.halley+json",
  ]
) {
  Deno.test(`[N2] a body of type "${type}" is read`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const response = await alice.post("/api/poll", "{}", { "content-type": type });

    assertEquals(response.status, 200);
  });
}

/** A message whose body has just so many bytes. */
function bodyOf(bytes: number): string {
  const around = '{"channel":"room:tea","data":""}';
  return around.replace('""', `"${"x".repeat(bytes - around.length)}"`);
}

Deno.test("[N2] a body of 64 KiB is read, with and without Content-Length", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const body = bodyOf(65_536);

  const told = await alice.post("/api/messages", body, { "content-length": "65536" });
  const untold = await alice.post("/api/messages", body);

  assertEquals([told.status, untold.status], [201, 201]);
});

for (const bytes of [65_537, 1_048_576]) {
  Deno.test(`[N2] a body of ${bytes} bytes is refused with 413`, async () => {
    const body = bodyOf(bytes);
    const length = { "content-length": `${bytes}` };

    await expectHarmless((alice) => alice.post("/api/messages", body), TOO_LARGE);
    await expectHarmless((alice) => alice.post("/api/messages", body, length), TOO_LARGE);
  });
}

Deno.test("[N2] a body of 1 MiB is refused where its Content-Length is told twice", async () => {
  const body = bodyOf(1_048_576);
  // So do two headers of one name reach the app; HTTP/1.1 allows them where they are alike.
  const headers = { "content-length": "1048576, 1048576" };

  await expectHarmless((alice) => alice.post("/api/messages", body, headers), TOO_LARGE);
});

Deno.test("[N2] old pages' bodies have the same bound", async () => {
  await using chat = await Chat.open();
  const body = `privateToken=x&message=${"x".repeat(1_048_576)}`;

  const sending = chat.app.request("/ChatHandler.ashx", { method: "POST", body });

  await expectRefusal(sending, 413, "body_too_large");
});

Deno.test("[N2] a stranger's body has the same bound", async () => {
  await using chat = await Chat.open();
  const body = `{"displayName":"alice","more":"${"x".repeat(1_048_576)}"}`;

  const signingIn = chat.app.request("/api/sessions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });

  await expectRefusal(signingIn, 413, "body_too_large");
});
