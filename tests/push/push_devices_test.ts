import { assertEquals } from "@std/assert";
import { isPushEndpoint } from "../../server/core/sessions/push_devices.ts";
import { Chat, PUSH } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";
import { waitUntil } from "../support/wait_until.ts";

const HOSTS = [...PUSH.hosts, "127.0.0.1:9000"];
const KEYS = { p256dh: "B".padEnd(87, "x"), auth: "a".repeat(22) };

function subscription(name: string) {
  return { endpoint: `https://push.example:8443/${name}`, expirationTime: null, keys: KEYS };
}

for (
  const [endpoint, isAllowed] of [
    ["https://fcm.googleapis.com/fcm/send/abc", true],
    ["https://updates.push.services.mozilla.com/wpush/v2/abc", true],
    ["https://web.push.apple.com/abc", true],
    ["https://wns2-par02p.notify.windows.com/w/?token=abc", true],
    ["https://push.example:8443/abc", true],
    ["http://127.0.0.1:9000/abc", true],
    ["http://push.example:8443/abc", false],
    ["https://push.example/abc", false],
    ["https://127.0.0.1/abc", false],
    ["http://fcm.googleapis.com/fcm/send/abc", false],
    ["https://fcm.googleapis.com:444/fcm/send/abc", false],
    ["https://fcm.googleapis.com.evil.example/abc", false],
    ["https://evil.example/fcm.googleapis.com", false],
    ["https://fcm.googleapis.com@evil.example/", false],
    ["https://fcm.googleapis.com/abc#1", false],
    ["https://user@fcm.googleapis.com/abc", false],
    ["https://a.b.notify.windows.com/w", false],
    ["https://evilnotify.windows.com/w", false],
    ["https://notify.windows.com/w", false],
    ["https://FCM.googleapis.com/abc", false],
    ["https://fcm.googleapis.com/a\\b", false],
    ["ftp://fcm.googleapis.com/abc", false],
    ["file:///etc/passwd", false],
    [`https://fcm.googleapis.com/${"x".repeat(1_024)}`, false],
    ["", false],
  ] as const
) {
  Deno.test(`[I67] ${endpoint.slice(0, 60) || "nothing"} may ${isAllowed ? "" : "not "}be pushed to`, () => {
    assertEquals(isPushEndpoint(endpoint, HOSTS), isAllowed);
  });
}

Deno.test("[I67] a session adds and removes its devices, each once, and at most the ten newest", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { devices } = chat.test.hub.accounts;
  const endpoints = async () =>
    (await devices.list(alice.publicToken)).map(({ endpoint }) => endpoint.slice(-2));

  const found = await (await alice.request("GET", "/api/push")).json();
  for (let n = 0; n < 12; n++) {
    const name = String(n).padStart(2, "0");
    for (let again = 0; again < 2; again++) {
      const added = { subscription: subscription(name), contents: false };
      assertEquals((await alice.request("PUT", "/api/push", added)).status, 204);
    }
  }
  const { endpoint } = subscription("05");
  assertEquals((await alice.request("DELETE", "/api/push", { endpoint })).status, 204);
  assertEquals((await alice.request("DELETE", "/api/push", { endpoint })).status, 204);

  assertEquals(found, { publicKey: PUSH.publicKey });
  assertEquals(await endpoints(), ["02", "03", "04", "06", "07", "08", "09", "10", "11"]);
  const [device] = await devices.list(alice.publicToken);
  assertEquals([device?.contents, device?.serverKey, device?.keys], [
    ...[false, PUSH.publicKey, KEYS],
  ]);
});

Deno.test("[I67] a device without keys, or at another service, is refused", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const good = subscription("x");

  for (
    const wrong of [
      { ...good, endpoint: "https://evil.example/x" },
      { ...good, keys: { ...KEYS, p256dh: "short" } },
      { ...good, keys: { ...KEYS, auth: `${KEYS.auth}=` } },
      { ...good, keys: {} },
      { ...good, more: 1 },
    ]
  ) {
    const answer = alice.request("PUT", "/api/push", { subscription: wrong });
    await expectRefusal(answer, 422, "invalid_request");
  }
  assertEquals(await chat.test.hub.accounts.devices.list(alice.publicToken), []);
});

Deno.test("[I67] without pushes, devices cannot be added, and the key is not found", async () => {
  await using chat = await Chat.open({ push: "off" });
  const alice = await chat.signIn("alice");

  await expectRefusal(alice.request("GET", "/api/push"), 404, "not_found");
  const added = { subscription: subscription("x") };
  await expectRefusal(alice.request("PUT", "/api/push", added), 404, "not_found");
});

for (
  const [how, end] of [
    ["is signed out", (chat: Chat, token: string) => signOut(chat, token)],
    [
      "is ended by an administrator",
      (chat: Chat, token: string) => chat.test.hub.accounts.kick(token),
    ],
  ] as const
) {
  Deno.test(`[I73] the devices of a session that ${how} are forgotten`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");
    await alice.request("PUT", "/api/push", { subscription: subscription("x") });
    const { devices } = chat.test.hub.accounts;
    let left = (await devices.list(alice.publicToken)).length;
    assertEquals(left, 1);

    await end(chat, alice.publicToken);

    await waitUntil(() => {
      devices.list(alice.publicToken).then(({ length }) => left = length);
      return left === 0;
    }, "the device is forgotten");
  });
}

async function signOut({ test: { hub } }: Chat, publicToken: string): Promise<void> {
  await hub.accounts.signOut((await hub.sessions.find(publicToken))!);
}

Deno.test("[I73] the devices of a user are forgotten when the application ends the session, which stays", async () => {
  await using chat = await Chat.open();
  const { test: { hub } } = chat;
  const carol = chat.user(await hub.signInUser("42", "carol"));
  await carol.request("PUT", "/api/push", { subscription: subscription("x") });

  assertEquals((await carol.request("DELETE", "/api/session")).status, 204);

  assertEquals(await hub.accounts.devices.list(carol.publicToken), []);
});

Deno.test("[I73] an export lists the devices of a person, without their secrets", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.request("PUT", "/api/push", { subscription: subscription("x") });

  const lines = (await Array.fromAsync(await chat.test.hub.exports.session(alice.publicToken)))
    .flat();

  const devices = lines.flatMap((line) => "pushDevice" in line ? [line.pushDevice] : []);
  assertEquals(devices.map(({ host, contents }) => [host, contents]), [[
    "push.example:8443",
    true,
  ]]);
  assertEquals(JSON.stringify(lines).includes(KEYS.auth), false);
});
