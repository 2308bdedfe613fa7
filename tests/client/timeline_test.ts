import { assertEquals } from "@std/assert";
import { addMessages } from "../../client/ui/state/chunks.ts";
import { groupChunks, groupMessages } from "../../client/ui/state/timeline.ts";
import { message } from "./support/reader.ts";

const self = { publicToken: "alice", displayName: "alice" };

Deno.test("[C32] messages are grouped by sender, day and time", () => {
  const noon = new Date(2026, 0, 1, 12).getTime();
  const at = (id: number, minutes: number) => ({ ...message(id, ""), at: noon + minutes * 60_000 });

  const groups = groupMessages([
    at(1, 0),
    at(2, 1),
    { ...at(3, 2), from: self },
    at(4, 3),
    at(5, 60),
  ]);
  const days = groupMessages([at(1, 0), at(2, 24 * 60)]);
  const [previous] = groupMessages([at(1, 0)]);
  const broken = groupMessages([at(2, 1), at(3, 2)], { previous, breakAfter: [2] });

  assertEquals(groups.map((group) => group.messages.length), [2, 1, 1, 1]);
  assertEquals(groups.map((group) => group.isNewDay), [true, false, false, false]);
  assertEquals(days.map((group) => group.isNewDay), [true, true]);
  assertEquals(broken.map((group) => group.isContinued), [true, false]);
});

Deno.test("[C32] a group ends five minutes after its first message", () => {
  const noon = new Date(2026, 0, 1, 12).getTime();
  const messages = [0, 2, 4, 6, 8, 10].map((minutes, n) => ({
    ...message(n + 1, ""),
    at: noon + minutes * 60_000,
  }));
  const chunkOf = (first: number, last: number) => addMessages([], messages.slice(first, last));

  const groups = groupMessages(messages);
  const chunked = groupChunks([...chunkOf(0, 2), ...chunkOf(2, 4), ...chunkOf(4, 6)], []);

  assertEquals(groups.map((group) => group.messages.map(({ id }) => id)), [[1, 2, 3], [4, 5, 6]]);
  assertEquals(
    chunked.map((all) => all.map((group) => [group.messages[0].id, group.isContinued])),
    [[[1, false]], [[3, true], [4, false]], [[5, true]]],
  );
});
