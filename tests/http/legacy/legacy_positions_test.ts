import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { LegacyPositions } from "../../../server/http/legacy/legacy_positions.ts";
import { Chat, type TestUser } from "../../support/chat.ts";
import { settle } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";
import { legacyPage, parseLegacyReply } from "../../support/legacy.ts";

/** Two nodes that share a store. Alice has sent three messages since bob, whose page is a legacy page, signed in. */
async function openNodes() {
  const left = await Chat.open();
  const test = await TestHub.open({}, left.test.store);
  const right = Chat.over(test);
  const [alice, bob] = [await left.signIn("alice"), await left.signIn("bob")];
  for (const text of ["one", "two", "three"]) await alice.say("room:lobby", text);
  const dispose = async () => {
    await test.hub[Symbol.asyncDispose]();
    await left[Symbol.asyncDispose]();
  };
  return { left, right, bob, [Symbol.asyncDispose]: dispose };
}

/** Polls of bob's page, each on one of the nodes, and each with the last MessageId. */
async function pollOn(
  nodes: readonly Chat[],
  bob: TestUser,
): Promise<readonly (string | undefined)[]> {
  const texts = [];
  let id: string | undefined = "1000";
  for (const node of nodes) {
    const reply = parseLegacyReply(await legacyPage(node, bob).poll(id));
    texts.push(reply["Message"]);
    id = reply["MessageId"];
  }
  return texts;
}

Deno.test("[G5] a page that is served by several nodes gets everything once, in order", async () => {
  await using nodes = await openNodes();
  const { left, right, bob } = nodes;

  assertEquals(await pollOn([left, right, left], bob), ["one", "two", "three"]);
});

Deno.test("[G5] a page that returns to a node continues where another node left off", async () => {
  await using nodes = await openNodes();
  const { left, right, bob } = nodes;
  await pollOn([left, right, right], bob);

  assertEquals(await pollOn([left], bob), ["three"]);
});

Deno.test("[G5] a page that is reloaded on another node gets only what was never acknowledged", async () => {
  await using nodes = await openNodes();
  const { left, right, bob } = nodes;
  await pollOn([left, left], bob);

  assertEquals(await pollOn([right], bob), ["two"]);
});

/** Values by name. Counts the reads and, while it is unavailable, refuses everything. */
class FakeKeyValue {
  readonly values = new Map<string, string>();
  reads = 0;
  isUnavailable = false;

  async get(name: string): Promise<string | undefined> {
    this.reads++;
    this.#check();
    return await Promise.resolve(this.values.get(name));
  }

  async set(name: string, value: string): Promise<void> {
    this.#check();
    await Promise.resolve(this.values.set(name, value));
  }

  async remove(name: string): Promise<void> {
    await Promise.resolve(this.values.delete(name));
  }

  replace(): Promise<boolean> {
    return Promise.resolve(false);
  }

  acquireLease(): Promise<boolean> {
    return Promise.resolve(false);
  }

  releaseLease(): Promise<void> {
    return Promise.resolve();
  }

  #check(): void {
    if (this.isUnavailable) throw new Refused("store_unavailable", "The store is unavailable");
  }
}

async function openPositions() {
  const test = await TestHub.open();
  const bob = await test.signIn("bob");
  const keyValue = new FakeKeyValue();
  const positions = new LegacyPositions(keyValue);
  return { bob, keyValue, positions, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

Deno.test("[G5] a page that only repeats its position causes no read of the store", async () => {
  await using opened = await openPositions();
  const { bob, keyValue, positions } = opened;
  await positions.get(bob, 7);
  await positions.set(bob, 7);

  for (let n = 0; n < 10; n++) assertEquals(await positions.get(bob, 7), 7);

  assertEquals(keyValue.reads, 1);
});

Deno.test("[G5] while the store is unavailable, a known page goes on reading", async () => {
  await using opened = await openPositions();
  const { bob, keyValue, positions } = opened;
  await positions.set(bob, 7);
  keyValue.isUnavailable = true;

  await positions.set(bob, 8);

  assertEquals(await positions.get(bob, 9), 8);
});

Deno.test("[G5] while the store is unavailable, an unknown page is refused", async () => {
  await using opened = await openPositions();
  const { bob, keyValue, positions } = opened;
  keyValue.isUnavailable = true;

  await assertRejects(() => positions.get(bob, 0), Refused, "unavailable");
});

Deno.test("[S4] the position of a session is removed with it", async () => {
  await using nodes = await openNodes();
  const { left, bob } = nodes;
  const { keyValue } = left.test.store;
  await pollOn([left, left], bob);
  assertEquals(await keyValue.get(`legacy ${bob.publicToken}`), "1");

  await bob.request("DELETE", "/api/session");
  await settle();

  assertEquals(await keyValue.get(`legacy ${bob.publicToken}`), undefined);
});
