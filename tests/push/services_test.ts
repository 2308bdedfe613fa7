import { assertEquals, assertRejects } from "@std/assert";
import { StartError } from "../../server/base/start_error.ts";
import { createPushKey, PushKeys } from "../../server/push/push_key.ts";
import { TestHub } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";
import { WallClock } from "../support/wall_clock.ts";
import { between, PushHub } from "./push_hub.ts";
import { PushService, textsOf } from "./push_service.ts";

Deno.test("[I100] devices at a host that PUSH_HOSTS does not name any more get nothing", async () => {
  await using hub = await PushHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone")];
  await using removed = new PushService();
  const { publicKey: serverKey } = await PushKeys.load(hub.test.store.keyValue, undefined);
  const device = { ...await removed.subscribe("tablet", serverKey), serverKey, contents: true };
  await hub.test.hub.accounts.devices.add(bob.publicToken, device, [removed.host]);

  await hub.test.say(alice, between(alice, bob), "hello");
  await hub.service.receives(1, "phone");
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "the pushes are done");

  assertEquals(removed.got, []);
});

Deno.test("[I101] a device whose key is not a point of the curve is forgotten, and others get their push", async () => {
  await using hub = await PushHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone")];
  const { devices } = hub.test.hub.accounts;
  const { publicKey: serverKey } = await PushKeys.load(hub.test.store.keyValue, undefined);
  const { endpoint, keys } = await hub.service.subscribe("invented", serverKey);
  const invented = { ...keys, p256dh: "B".padEnd(87, "x") };
  const device = { endpoint, keys: invented, serverKey, contents: true };
  await devices.add(bob.publicToken, device, [hub.service.host]);

  await hub.test.say(alice, between(alice, bob), "hello");
  await hub.service.receives(1);
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "the pushes are done");

  // The hub also verifies that there was no internal error.
  assertEquals(hub.service.got.map(({ to }) => to), ["phone"]);
  assertEquals((await devices.list(bob.publicToken)).length, 1);
});

Deno.test("[I102] a message whose time is ahead of the clock is pushed after ten seconds like others", async () => {
  await using hub = await PushHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone")];
  await hub.pushes[Symbol.asyncDispose]();
  {
    using clock = new WallClock();
    clock.offset = 3_600_000;
    await hub.test.say(alice, between(alice, bob), "hello");
  }

  await hub.start();

  assertEquals(textsOf(await hub.service.receives(1)), ["hello"]);
});

Deno.test("[I103] devices of a push service that does not answer do not delay those of another", async () => {
  await using hub = await PushHub.open();
  await using other = new PushService();
  await hub.pushes[Symbol.asyncDispose]();
  await hub.start({ timeout: 60_000 }, { otherHosts: [other.host] });
  const alice = await hub.signIn("alice");
  const { promise: silence, resolve } = Promise.withResolvers<Response>();
  hub.service.answer = () => silence;
  for (let n = 0; n < 20; n++) {
    const person = await hub.signIn(`silent-${n}`, `silent-${n}`);
    await hub.test.say(alice, between(alice, person), "hello");
  }
  await hub.service.receives(16);
  const bob = await hub.signIn("bob");
  await hub.subscribe(bob, "phone", true, other);

  await hub.test.say(alice, between(alice, bob), "hello");

  await other.receives(1, "phone");
  assertEquals(hub.service.got.length, 16);
  resolve(new Response(null, { status: 201 }));
  await hub.service.receives(20);
});

Deno.test("[I104] a PUSH_KEY whose parts are of two keys, or of none, prevents the start, and is not stored", async () => {
  await using test = await TestHub.open();
  const { keyValue } = test.store;
  const [one, other] = [await createPushKey(), await createPushKey()];
  const [[point = "", secret = ""], [, otherSecret = ""]] = [one.split("."), other.split(".")];

  const wrong = [
    `${point}.${otherSecret}`,
    `${point}.${"A".repeat(43)}`,
    `${"B".padEnd(87, "x")}.${secret}`,
  ];
  for (const key of wrong) await assertRejects(() => PushKeys.load(keyValue, key), StartError);

  assertEquals(await keyValue.get("push key"), undefined);
});

Deno.test("[I104] such a key that an earlier version has stored is not used", async () => {
  await using test = await TestHub.open();
  const { keyValue } = test.store;
  const [first = "", other = ""] = [await createPushKey(), await createPushKey()];
  const unusable = `${first.split(".")[0]}.${"A".repeat(43)}`;
  await keyValue.set("push key", `${unusable} ${other}`);

  const keys = await PushKeys.load(keyValue, undefined);

  assertEquals(keys.publicKey, other.split(".")[0]);
});
