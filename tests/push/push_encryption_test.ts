import { assertEquals, assertMatch } from "@std/assert";
import { encryptPush } from "../../server/push/push_encryption.ts";
import {
  bytesOf,
  createPushKey,
  isPushKey,
  PushKeys,
  textOf,
  vapidHeader,
} from "../../server/push/push_key.ts";
import { TestHub } from "../support/hub.ts";

/** The example in section 5 and appendix A of RFC 8291. */
const EXAMPLE = {
  plaintext: "When I grow up, I want to be a watermelon",
  senderPrivate: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  senderPublic:
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
  receiverPublic:
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
  salt: "DGv6ra1nlYgDCS1FRnbzlw",
  body:
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS" +
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
} as const;

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;

Deno.test("[I65] a push is encrypted as in the example of RFC 8291", async () => {
  const { senderPublic, senderPrivate: d, receiverPublic, auth, salt, plaintext } = EXAMPLE;
  const point = bytesOf(senderPublic);
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: textOf(point.slice(1, 33)),
    y: textOf(point.slice(33)),
  };
  const keys = {
    publicKey: await crypto.subtle.importKey("raw", point, CURVE, true, []),
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d }, CURVE, true, ["deriveBits"]),
  };

  const body = await encryptPush(
    new TextEncoder().encode(plaintext),
    { p256dh: bytesOf(receiverPublic), auth: bytesOf(auth) },
    { keys, salt: bytesOf(salt) },
  );

  assertEquals(textOf(body), EXAMPLE.body);
});

Deno.test("[I65] each push has other keys and another salt", async () => {
  const receiver = { p256dh: bytesOf(EXAMPLE.receiverPublic), auth: bytesOf(EXAMPLE.auth) };
  const text = new TextEncoder().encode("hello");

  const bodies = await Promise.all([encryptPush(text, receiver), encryptPush(text, receiver)]);

  const [first, second] = bodies.map(textOf);
  assertEquals(first?.slice(0, 22) === second?.slice(0, 22), false);
  assertEquals(first?.slice(28, 115) === second?.slice(28, 115), false);
});

Deno.test("[I66] the server identifies itself as RFC 8292 says, with a signature that its key verifies", async () => {
  await using test = await TestHub.open();
  const keys = await PushKeys.load(test.store.keyValue, undefined);
  const key = (await keys.find(keys.publicKey))!;
  const now = 1_453_480_568_000;

  const header = await vapidHeader(key, {
    endpoint: "https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    contact: "mailto:push@example.com",
    now,
  });

  const [, head = "", claims = "", signature = "", k = ""] =
    /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(header) ?? [];
  // The parts of the example in section 2.4.
  assertEquals(head, "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9");
  assertEquals(
    claims,
    "eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0",
  );
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const publicKey = await crypto.subtle.importKey("raw", bytesOf(k), algorithm, false, ["verify"]);
  const signed = new TextEncoder().encode(`${head}.${claims}`);
  const verified = { name: "ECDSA", hash: "SHA-256" };
  assertEquals(await crypto.subtle.verify(verified, publicKey, bytesOf(signature), signed), true);
});

Deno.test("[I66] all nodes have the key that the first one has made, unless the settings have one", async () => {
  await using test = await TestHub.open();
  const { keyValue } = test.store;

  const keys = await Promise.all([1, 2, 3].map(() => PushKeys.load(keyValue, undefined)));
  const own = await createPushKey();
  const configured = await PushKeys.load(keyValue, own);

  assertEquals(new Set(keys.map(({ publicKey }) => publicKey)).size, 1);
  assertEquals(configured.publicKey, own.split(".")[0]);
  assertMatch(configured.publicKey, /^B[\w-]{86}$/);
  assertEquals([isPushKey(own), isPushKey(own.slice(1)), isPushKey("")], [true, false, false]);
});

Deno.test("[I74] the newest key and the four before are known to all nodes, also to those that have started earlier", async () => {
  await using test = await TestHub.open();
  const { keyValue } = test.store;
  const made = await PushKeys.load(keyValue, undefined);
  const set: string[] = [];
  for (let n = 0; n < 5; n++) {
    const key = await createPushKey();
    await PushKeys.load(keyValue, key);
    set.push(key.split(".")[0]!);
  }

  const last = await PushKeys.load(keyValue, undefined);

  assertEquals(last.publicKey, set.at(-1));
  for (const keys of [made, last]) {
    const found = await Promise.all(set.map(async (key) => (await keys.find(key))?.publicKey));
    assertEquals(found, set);
  }
  assertEquals(await last.find(made.publicKey), undefined);
});
