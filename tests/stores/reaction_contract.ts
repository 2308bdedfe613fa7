import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Draft, Entry } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import type { Store } from "../../server/core/model/store.ts";
import { change, present } from "./change_contract.ts";
import type { StoreTest } from "./contract.ts";
import { append, tea, trim } from "./retention_contract.ts";

/** Reacts to a message of `room:tea` as somebody, or takes that back. */
export async function react(store: Store, id: number, by: string, emoji: string, on = true) {
  const draft: Draft = { channel: "room:tea", changes: id, reacts: { by, emoji, on } };
  const [appended] = await store.log.append([draft]);
  return appended?.message;
}

/** The reactions to a message, in short. */
export function reactionsTo(message: Entry | undefined): string {
  return (message?.reactions ?? []).map(({ emoji, by }) => `${emoji} ${by.join("+")}`).join(", ");
}

/** Defines the tests of reactions to messages. */
export function reactionContract(test: StoreTest): void {
  test("[L36] a reaction is a change: readers get the message with its reactions, in the order of the kinds", async (store) => {
    const followed: Entry[] = [];
    using _ = await store.log.follow(0, (entries) => void followed.push(...entries));
    await append(store, tea("one"));

    await react(store, 1, "alice", "👍");
    await react(store, 1, "bob", "🎉");
    const entry = await react(store, 1, "bob", "👍");

    assertEquals(entry?.id, 4);
    assertEquals(followed.map(({ message }) => reactionsTo(message)), [
      "",
      "👍 alice",
      "👍 alice, 🎉 bob",
      "👍 alice+bob, 🎉 bob",
    ]);
    const now = await store.log.get(1);
    assertEquals([now?.text, now?.editedAt], ["one", undefined]);
    assertEquals(now, entry?.message);
    const { messages } = await store.log.read(["room:tea"], 3, 10);
    assertEquals(messages.map(({ message }) => message), [now]);
  });

  test("[L36] a reaction that is taken back is gone, and so is a kind without any", async (store) => {
    await append(store, tea("one"));
    await react(store, 1, "alice", "👍");
    await react(store, 1, "alice", "🎉");
    await react(store, 1, "bob", "🎉");

    await react(store, 1, "alice", "👍", false);
    await react(store, 1, "alice", "🎉", false);
    const some = reactionsTo(await store.log.get(1));
    await react(store, 1, "bob", "🎉", false);

    assertEquals(some, "🎉 bob");
    assertEquals((await store.log.get(1))?.reactions, undefined);
  });

  test("[L36] an edit keeps the reactions, a deletion removes them", async (store) => {
    await append(store, tea("one"), tea("two"));
    for (const id of [1, 2]) await react(store, id, "alice", "👍");

    await change(store, 1, "uno");
    await change(store, 2);

    assertEquals(await present(store), ["1 uno"]);
    assertEquals(reactionsTo(await store.log.get(1)), "👍 alice");
    assertEquals((await store.log.get(2))?.reactions, undefined);
    const refused = await assertRejects(() => react(store, 2, "alice", "👍"), Refused);
    assertEquals(refused.refusal, "not_found");
  });

  test("[L37] reactions and edits at the same time do not lose one another", async (store) => {
    await append(store, tea("one"));
    const people = Array.from({ length: 20 }, (_, n) => `person${n}`);

    await Promise.all(people.flatMap((by, n) => [
      react(store, 1, by, "👍"),
      ...(n % 5 === 0 ? [change(store, 1, `text ${n}`)] : []),
    ]));

    const now = await store.log.get(1);
    assertEquals(now?.reactions?.map(({ by }) => by.toSorted()), [people.toSorted()]);
    assert(now?.text?.startsWith("text "));
  });

  test("[L38] a message has at most 20 kinds of reactions: another one is refused and changes nothing", async (store) => {
    await append(store, tea("one"));
    for (let n = 0; n < 20; n++) {
      await react(store, 1, "alice", String.fromCodePoint(0x1f600 + n));
    }
    const before = await store.log.get(1);

    const refused = await assertRejects(() => react(store, 1, "bob", "🎉"), Refused);

    assertEquals(refused.refusal, "too_many_reactions");
    assertEquals(await store.log.get(1), before);
    await react(store, 1, "bob", "😀");
    assertEquals((await store.log.get(1))?.reactions?.[0]?.by, ["alice", "bob"]);
  });

  test("[L38] a message has at most 200 reactions, of which those who have reacted can take one back", async (store) => {
    await append(store, tea("one"));
    await Promise.all(
      Array.from({ length: 200 }, (_, n) => react(store, 1, `${n}`, n % 2 ? "👍" : "🎉")),
    );

    const refused = await assertRejects(() => react(store, 1, "bob", "👍"), Refused);

    assertEquals(refused.refusal, "too_many_reactions");
    await react(store, 1, "1", "👍");
    await react(store, 1, "1", "👍", false);
    await react(store, 1, "bob", "👍");
    assertEquals((await store.log.get(1))?.reactions?.flatMap(({ by }) => by).length, 200);
  });

  test("[L25] reactions push out no messages", async (store) => {
    await append(store, tea("one"), tea("two"));
    for (let n = 0; n < 5; n++) await react(store, 2, `${n}`, "👍");

    await trim(store);

    assertEquals(await present(store), ["2 two", "1 one"]);
    assertEquals(reactionsTo(await store.log.get(2)), "👍 0+1+2+3+4");
  }, { maxMessages: 2 });
}
