import { assert, assertEquals } from "@std/assert";
import { mergePages, type Source } from "../../../server/core/log/merged_pages.ts";
import type { Message } from "../../../server/protocol/message.ts";

const BOUNDS = { messages: 100, bytes: 256 * 1024 };

function messagesOf(ids: readonly number[], length: number): Message[] {
  return ids.map((id) => ({ id, channel: "room:tea", text: "x".repeat(length), at: 0 }));
}

/** A source of messages in that order, and the sizes of the portions that were read. */
function sourceOf(messages: readonly Message[], portions: number[] = []): Source {
  return {
    width: 1,
    read: (last, limit) => {
      const start = last === undefined ? 0 : messages.indexOf(last) + 1;
      const page = messages.slice(start, start + limit);
      portions.push(page.length);
      return Promise.resolve({ messages: page, more: start + limit < messages.length });
    },
  };
}

Deno.test("[Y21] pages of several sources are in order, complete, and say whether more follow", async () => {
  const ids = Array.from({ length: 250 }, (_, n) => n + 1);
  const sources = (all: readonly number[]) =>
    [0, 1, 2].map((rest) => sourceOf(messagesOf(all.filter((id) => id % 3 === rest), 10)));
  const idsOf = async (all: readonly number[], order: "oldest" | "newest") => {
    const page = await mergePages(sources(all), order, BOUNDS);
    return [page.messages.map(({ id }) => id), page.more];
  };

  assertEquals(await idsOf(ids, "oldest"), [ids.slice(0, 100), true]);
  assertEquals(await idsOf(ids.toReversed(), "newest"), [ids.toReversed().slice(0, 100), true]);
  assertEquals(await idsOf(ids.slice(0, 100), "oldest"), [ids.slice(0, 100), false]);
  assertEquals(await idsOf([], "oldest"), [[], false]);
});

Deno.test("[Y21] a message of two sources is on the page once", async () => {
  const messages = messagesOf([1, 2, 3], 10);

  const page = await mergePages([sourceOf(messages), sourceOf(messages)], "oldest", BOUNDS);

  assertEquals(page, { messages, more: false });
});

Deno.test("[Y21] no portion of large messages is large, and a page ends with its bytes", async () => {
  const portions: number[] = [];
  const large = messagesOf([1, 2, 3, 4, 5, 6, 7, 8], 60_000);

  const page = await mergePages([sourceOf(large, portions)], "oldest", BOUNDS);

  assertEquals([page.messages.length, page.more, portions], [4, true, [4, 1]]);
});

Deno.test("[Y21] of sources that the page does not need, a few messages are read", async () => {
  const portions: number[] = [];
  const early = messagesOf(Array.from({ length: 100 }, (_, n) => n + 1), 10);
  const late = messagesOf(Array.from({ length: 100 }, (_, n) => n + 101), 10);

  const page = await mergePages([sourceOf(early), sourceOf(late, portions)], "oldest", BOUNDS);

  assertEquals([page.messages, portions], [early, [4]]);
});

for (const limit of [1, 100]) {
  Deno.test(`[Y21] where thousands of messages were deleted, the portions of a page of ${limit} grow`, async () => {
    const portions: number[] = [];
    const deleted = messagesOf(Array.from({ length: 6_000 }, (_, n) => n + 1), 10)
      .map((message) => ({ ...message, deletedAt: 1 }));
    const [last] = messagesOf([6_001], 10);

    const page = await mergePages([sourceOf([...deleted, last!], portions)], "oldest", {
      ...BOUNDS,
      messages: limit,
    });

    assertEquals([page.messages, page.more], [[last], false]);
    assert(portions.length < 30, portions.join());
  });
}
