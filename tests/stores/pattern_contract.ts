import { assertEquals } from "@std/assert";
import { isMessage } from "../../server/core/model/change.ts";
import type { StoreTest } from "./contract.ts";
import { append, draft, seen, trim } from "./retention_contract.ts";

/** Defines the tests of what is stored under the patterns of rooms. */
export function patternContract(test: StoreTest): void {
  test("[L31] a message is found under the first four patterns of its room", async (store) => {
    await append(
      store,
      draft("room:a-b_c.d-e-f", "far below"),
      draft("room:a-", "the shortest"),
      draft("room:a", "not below"),
      draft("notice", "to everyone"),
    );

    const under = async (pattern: string) => (await seen(store, pattern))[0];
    assertEquals(await under("room:a-*"), ["far below", "the shortest"]);
    for (const pattern of ["room:a-b_*", "room:a-b_c.*", "room:a-b_c.d-*"]) {
      assertEquals(await under(pattern), ["far below"]);
    }
    for (const pattern of ["room:a-b_c.d-e-*", "room:a*", "room:*"]) {
      assertEquals(await under(pattern), []);
    }
    const history = await store.log.history("room:a-*", undefined, 10);
    assertEquals(history.map(({ text }) => text), ["the shortest", "far below"]);
  });

  test("[L31] a room and its pattern together return each message once", async (store) => {
    await append(store, draft("room:a-b", "one"), draft("room:a-c", "two"));

    const { messages, hasMore } = await store.log.read(["room:a-b", "room:a-*"], 0, 2);

    assertEquals([messages.map(({ text }) => text), hasMore], [["one", "two"], false]);
  });

  test("[L31] changes are found under the patterns of their room", async (store) => {
    const [message] = await append(store, draft("room:a-b", "before"));
    await store.log.append([{ channel: "room:a-b", changes: message?.id ?? 0, text: "after" }]);

    const { messages } = await store.log.read(["room:a-*"], 1, 10);

    assertEquals(messages.map((change) => [change.id, change.message?.text]), [[2, "after"]]);
  });

  test("[L14] a pattern is trimmed up to where its rooms are", async (store) => {
    await append(store, draft("room:a-b", "one"), draft("room:a-b", "two"));
    await append(store, draft("room:a-c", "three"));

    await trim(store);

    assertEquals(await seen(store, "room:a-*"), [["two", "three"], 1]);
    assertEquals(await seen(store, "room:c-*"), [[], 0]);
  }, { maxMessages: 2 });

  test("[L7] rooms with patterns share the bound of rooms", async (store) => {
    for (let n = 1; n <= 3; n++) await append(store, draft("room:a-b", `${n}`));

    await trim(store);

    assertEquals(await seen(store, "room:a-b"), [["3"], 2]);
  }, { maxMessages: 1, maxPrivate: 100 });

  test(
    "[L33] the events of a room are found apart from its messages, and removed with them",
    async (store) => {
      const claimed = { ...draft("room:a-b", "claims"), event: "claimed" } as const;
      await append(store, draft("room:a-b", "one"), claimed, draft("room:a-b", "two"));
      await append(store, { ...claimed, channel: "room:a-c" }, draft("room:a-b", "three"));

      const events = async (room: string) =>
        (await store.log.history(`events:${room}`, undefined, 10))
          .map(({ id, event }) => [id, event]);
      assertEquals(await events("room:a-b"), [[2, "claimed"]]);
      assertEquals((await seen(store, "room:a-b"))[0], ["one", "claims", "two", "three"]);
      await trim(store);

      assertEquals([await events("room:a-b"), await events("room:a-c")], [[], [[4, "claimed"]]]);
      assertEquals(await seen(store, "room:a-b"), [["two", "three"], 2]);
    },
    { maxMessages: 3 },
  );

  test("[L34] single messages are removed on demand: their topics are trimmed, and their keys stay known", async (store) => {
    const [one] = await append(store, draft("room:a-b", "one", { key: "k" }));
    await append(store, draft("room:tea", "two"), draft("room:a-b", "three"));

    await store.log.trim(Date.now(), [1, 1_000]);
    await store.log.trim(Date.now(), [1]);

    assertEquals(await store.log.get(1), undefined);
    for (const topic of ["room:a-b", "room:a-*"]) {
      assertEquals(await seen(store, topic), [["three"], 1]);
    }
    assertEquals(await seen(store, "room:tea"), [["two"], 0]);
    const [again] = await store.log.append([draft("room:a-b", "one", { key: "k" })]);
    assertEquals([again?.repeated, again?.message], [true, one]);
    assertEquals((await append(store, draft("room:tea", "four")))[0]?.id, 4);
  });

  test("[L34] an edited message is removed on demand", async (store) => {
    await append(store, draft("room:a-b", "before"));
    await store.log.append([{ channel: "room:a-b", changes: 1, text: "after" }]);

    await store.log.trim(Date.now(), [1]);

    assertEquals(await store.log.get(1), undefined);
    assertEquals((await store.log.history("room:a-b", undefined, 9)).filter(isMessage), []);
  });
}
