import { assertEquals } from "@std/assert";
import type { WebhookEvent } from "../../server/webhooks/webhook_event.ts";
import { exampleOf, normalizeOutput } from "../docs/examples.ts";
import { waitUntil } from "../support/wait_until.ts";
import { SECRET } from "./receiver.ts";
import { fetchAll, openWebhookHub } from "./webhook_hub.ts";

const PAGE = "docs/WEBHOOKS.md";

Deno.test("[I14] the events in WEBHOOKS.md are those that Halley sends", async () => {
  const events = ["message", "edited", "deleted", "presence", "delivered", "undelivered"] as const;
  await using hub = await openWebhookHub({ events, undeliveredAfterMs: 300 });
  const { test, receiver } = hub;
  const alice = await test.signIn("alice");
  const { privateToken } = await test.hub.signInUser("42", "bob");
  const bob = (await test.hub.sessions.authenticate(privateToken))!;
  const cursor = await test.cursor(bob);
  await test.poll(alice, { hold: 0 });
  await test.say(alice, "room:tea", "hello");
  await test.say(alice, `direct:${bob.publicToken}`, "are you there?");
  await fetchAll(test, bob, { tab: "phone", cursor });
  await test.hub.receipts.flush();
  await test.hub.publishing.publish("api:shop", [
    { to: "user:42", title: "Order 1986", text: "Your order was shipped" },
  ]);
  await receiver.got(1, "message");
  await test.hub.change(alice, 1, { text: "hello, everyone" });
  await receiver.got(1, "edited");
  await test.hub.change(alice, 1);
  const is = (type: string, id: number) => (event: WebhookEvent) =>
    event.type === type && "message" in event && event.message.id === id;
  const shown = {
    message: is("message", 1),
    edited: is("edited", 1),
    deleted: is("deleted", 1),
    delivered: is("delivered", 2),
    undelivered: is("undelivered", 3),
    presence: (event: WebhookEvent) =>
      event.type === "presence" && event.from.displayName === "alice",
  };

  for (const [name, isShown] of Object.entries(shown)) {
    await waitUntil(() => receiver.events().some(isShown), `${name} comes`);
    const sent = JSON.stringify(receiver.events().find(isShown));
    assertEquals(comparable(sent), comparable(await exampleOf(PAGE, name)));
  }
});

Deno.test("[I14] the receiver in WEBHOOKS.md accepts events that Halley signed, once, and nothing else", async () => {
  const code = await exampleOf(PAGE, "verify") + await exampleOf(PAGE, "receiver");
  const { receiver: make } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const mails: unknown[] = [];
  const answer: (request: Request) => Promise<Response> = make({
    secret: SECRET,
    sendEmail: (userId: string, { text }: { text: string }) => mails.push([userId, text]),
  });
  await using hub = await openWebhookHub({ events: ["undelivered"], undeliveredAfterMs: 300 });
  await hub.test.hub.signInUser("42", "bob");
  await hub.test.hub.publishing.publish("api:shop", [{ to: "user:42", text: "shipped ☕" }]);
  await hub.receiver.got(1);
  const { body, headers } = hub.receiver.received[0]!;
  const [, t = "", v1 = ""] = /^t=(\d+),v1=(.+)$/.exec(headers.get("x-halley-signature")!)!;
  const post = async (signature: string, text = body) =>
    (await answer(
      new Request("http://shop.example/halley", {
        method: "POST",
        headers: { "x-halley-signature": signature },
        body: text,
      }),
    )).status;

  assertEquals(await post(`t=${t},v1=${v1}`), 204);
  assertEquals(await post(`t=${t},v1=${v1}`), 204);
  assertEquals(mails, [["42", "shipped ☕"]]);

  assertEquals(await post(`t=${t},v1=${v1}`, `${body} `), 401);
  assertEquals(await post(`t=${Number(t) + 1},v1=${v1}`), 401);
  assertEquals(await post(`t=${t},v1=${v1.replace(/^./, (c) => c === "0" ? "1" : "0")}`), 401);
  for (const signature of ["", "t=,v1=", `v1=${v1}`, `t=${t},v1=${v1}00`]) {
    assertEquals(await post(signature), 401, signature);
  }
  const old = String(Number(t) - 301);
  assertEquals(await post(`t=${old},v1=${await signed(`${old}.${body}`)}`), 401);
  const recent = String(Number(t) - 200);
  assertEquals(await post(`t=${recent},v1=${await signed(`${recent}.${body}`)}`), 204);
});

Deno.test("[I14] WEBHOOKS.md lists the settings of .env.example", async () => {
  const [page = "", example = ""] = await Promise.all(
    [PAGE, ".env.example"].map((path) =>
      Deno.readTextFile(new URL(`../../${path}`, import.meta.url))
    ),
  );
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| `([^`]+)`/gm)].map(([, name, value]) =>
    `${name}=${value}`
  );
  const shown = [...example.matchAll(/^# ((?:WEBHOOK_|UNDELIVERED_)[A-Z]+=\S+)$/gm)];

  assertEquals(rows.sort(), shown.map(([, setting]) => setting ?? "").sort());
});

/** Replaces the parts of an event that differ between runs. */
function comparable(event: string): string {
  return normalizeOutput(event)
    .replace(/"event":"[a-z0-9]+\./, '"event":"(epoch).')
    .replace(/"event":"[0-9a-f-]{36}"/, '"event":"(uuid)"')
    .replace(/"notice:[\w-]+"/, '"notice:(token)"');
}

async function signed(text: string): Promise<string> {
  const utf8 = new TextEncoder();
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(SECRET), hmac, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(text))).toHex();
}
