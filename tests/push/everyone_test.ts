import { assertEquals } from "@std/assert";
import { PushPeople } from "../../server/core/sessions/push_people.ts";
import { PUSH_TIMES } from "../../server/push/push_job.ts";
import { SYSTEM_RUNTIME } from "../../server/base/runtime.ts";
import { forEveryone } from "../../server/push/everyone.ts";
import { TestHub } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";
import { between, PushHub } from "./push_hub.ts";
import { textsOf } from "./push_service.ts";

/** A hub that pushes notices to everyone. */
async function openHub(): Promise<PushHub> {
  const hub = await PushHub.open();
  await hub.pushes[Symbol.asyncDispose]();
  await hub.start({}, { notices: "all" });
  return hub;
}

async function publish(hub: PushHub, title: string): Promise<number> {
  const { publishing } = hub.test.hub;
  const [published] = await publishing.publish("api:shop", [{ to: "everyone", title, text: "x" }]);
  return published!.message.id;
}

Deno.test("[I77] a notice to everyone is pushed to each device, except to who has read or muted it; who has a tab open gets it when that closes", async () => {
  await using hub = await openHub();
  const { conversations, presence } = hub.test.hub;
  const names = ["alice", "bob", "carol", "dave"] as const;
  const [alice, bob, carol, dave] = await Promise.all(
    names.map((name) => hub.signIn(name, name, `${name}-2`)),
  );
  await hub.signIn("erin");
  await conversations.open(bob!, "notice", { notify: "none" });
  await hub.test.poll(dave!, { tab: "open", hold: 0 });

  const id = await publish(hub, "Maintenance");
  await conversations.open(carol!, "notice", { readUpTo: id });

  await hub.service.receives(2);
  presence.remove(dave!.publicToken);
  await hub.service.receives(4);
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "all are done");
  const devices = hub.service.got.map(({ to }) => to);
  assertEquals([devices.slice(0, 2).sort(), devices.slice(2).sort()], [
    ["alice", "alice-2"],
    ["dave", "dave-2"],
  ]);
  assertEquals(hub.service.got[0]?.content.title, "Maintenance");
  assertEquals((await hub.test.hub.accounts.devices.list(alice!.publicToken)).length, 2);
});

Deno.test("[I77] by default, notices to everyone are not pushed", async () => {
  await using hub = await PushHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob", "phone")];

  await publish(hub, "Maintenance");
  await hub.test.say(alice, between(alice, bob), "hello");

  await hub.service.receives(1);
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "all are done");
  assertEquals(textsOf(hub.service.got), ["hello"]);
});

Deno.test("[I78] a notice to a thousand devices is pushed once to each, and another message meanwhile", async () => {
  await using hub = await openHub();
  const alice = await hub.signIn("alice");
  const people = [];
  for (let n = 0; n < 1_000; n++) people.push(await hub.signIn(`person ${n}`, `device-${n}`));

  await publish(hub, "Maintenance");
  await hub.service.receives(1);
  await hub.test.say(alice, between(alice, people[999]!), "hello");

  // On a busy machine all of them take longer than one wait.
  for (let count = 100; count <= 1_000; count += 100) await hub.service.receives(count);
  await hub.service.receives(1_001);
  await waitUntil(() => hub.pushes.metrics.at(-1)?.value === 0, "all are done");
  const notices = hub.service.got.filter(({ content }) => content.title === "Maintenance");
  assertEquals([notices.length, new Set(notices.map(({ to }) => to)).size], [1_000, 1_000]);
});

Deno.test("[I78] at most fifty people at a time are looked at, one that fails stops nobody, and an end stops all", async () => {
  const stop = new AbortController();
  const errors: unknown[] = [];
  const [seen, running]: [string[], number[]] = [[], [0]];
  const people = async function* () {
    for (let n = 0; n < 200; n++) yield await Promise.resolve(`person ${n}`);
  };
  const act = async (publicToken: string): Promise<"done" | "later"> => {
    running.push(running.at(-1)! + 1);
    await Promise.resolve();
    seen.push(publicToken);
    running.push(running.at(-1)! - 1);
    if (publicToken === "person 7") throw new Error("fails");
    return publicToken === "person 8" && seen.length < 201 ? "later" : "done";
  };
  const { look, lookFor } = { ...PUSH_TIMES, look: 1 };
  const onError = (error: unknown) => void errors.push(String(error));
  const options = { runtime: SYSTEM_RUNTIME, look, lookFor, onError, stop: stop.signal };

  await forEveryone(people(), act, options);

  assertEquals([seen.length, seen.at(-1), errors], [201, "person 8", ["Error: fails"]]);
  assertEquals(Math.max(...running) <= 50, true);
  stop.abort();
  await forEveryone(people(), act, options);
  assertEquals(seen.length, 201);
});

Deno.test("[I79] who has devices is listed, until the last one is removed or the session ends; a list has room for 2,000", async () => {
  await using hub = await PushHub.open();
  const { accounts } = hub.test.hub;
  const listed = async () => (await Array.fromAsync(accounts.devices.people.all())).sort();
  const alice = await hub.signIn("alice", "phone", "laptop");
  const bob = await hub.signIn("bob", "other");
  const both = [alice.publicToken, bob.publicToken].sort();

  assertEquals(await listed(), both);
  const [first, second] = await accounts.devices.list(alice.publicToken);
  await accounts.devices.remove(alice.publicToken, first!.endpoint);
  assertEquals(await listed(), both);
  await accounts.devices.remove(alice.publicToken, second!.endpoint);
  assertEquals(await listed(), [bob.publicToken]);
  await accounts.signOut((await hub.test.hub.sessions.find(bob.publicToken))!);
  assertEquals(await listed(), []);

  await using test = await TestHub.open();
  const people = new PushPeople(test.store.keyValue);
  await test.store.keyValue.set("push people A", JSON.stringify(Array(2_000).fill("Ann")));
  await people.add("Another");
  await people.add("Bob");
  const all = await Array.fromAsync(people.all());
  assertEquals([all.length, all.at(-1), all.includes("Another")], [2_001, "Bob", false]);
});
