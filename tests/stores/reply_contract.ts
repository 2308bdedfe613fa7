import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import type { StoreTest } from "./contract.ts";
import { change } from "./change_contract.ts";
import { append, tea } from "./retention_contract.ts";

/** Defines the tests of what messages reply to. */
export function replyContract(test: StoreTest): void {
  test("[A11] a key is that of one reply: another answered message is other content", async (store) => {
    await append(store, tea("one"), tea("two"));
    const [reply] = await append(store, tea("yes", { replyTo: 1, key: "k" }));

    const [again] = await store.log.append([tea("yes", { replyTo: 1, key: "k" })]);

    assertEquals([again?.repeated, again?.message.id], [true, reply?.id]);
    for (const other of [tea("yes", { replyTo: 2, key: "k" }), tea("yes", { key: "k" })]) {
      const refused = await assertRejects(() => store.log.append([other]), Refused);
      assertEquals(refused.refusal, "key_reused");
    }
  });

  test("[A11] a reply that is edited still replies to its message, a deleted one to none", async (store) => {
    await append(store, tea("one"), tea("yes", { replyTo: 1 }), tea("no", { replyTo: 1 }));
    await change(store, 2, "yes!");
    await change(store, 3);

    const shown = [await store.log.get(2), await store.log.get(3)];

    assertEquals(shown.map((entry) => [entry?.text, entry?.replyTo]), [
      ["yes!", 1],
      [undefined, undefined],
    ]);
  });

  test("[A14] whom a message mentions is part of what its key belongs to, and of the message", async (store) => {
    const mentions = ["aliceAliceAlice_", "bobBobBobBobBob_"];
    const [sent] = await append(store, tea("@all", { mentions, key: "k" }));

    const [again] = await store.log.append([tea("@all", { mentions, key: "k" })]);

    assertEquals([again?.repeated, again?.message.mentions, sent?.mentions], [
      true,
      mentions,
      mentions,
    ]);
    const other = tea("@all", { mentions: mentions.slice(1), key: "k" });
    const refused = await assertRejects(() => store.log.append([other]), Refused);
    assertEquals(refused.refusal, "key_reused");
  });

  test("[A12] a draft that only repeats an earlier one gets its message, or is refused", async (store) => {
    const [sent] = await append(store, tea("yes", { key: "k" }));

    const [again] = await store.log.append([tea("yes", { key: "k", repeats: true })]);
    const unknown = tea("yes", { key: "other", repeats: true });
    const refused = await assertRejects(() => store.log.append([unknown]), Refused);

    assertEquals([again?.repeated, again?.message], [true, sent]);
    assertEquals(refused.refusal, "not_found");
    assertEquals(await store.log.newestId(), 1);
  });
}
