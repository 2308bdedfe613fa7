import { assertEquals } from "@std/assert";
import v8 from "node:v8";
import vm from "node:vm";
import { encode, type Entry } from "../../../server/core/model/message.ts";
import { type Message } from "../../../server/protocol/message.ts";
import { withMessage } from "../../../server/core/model/change.ts";
import { RecentWindow } from "../../../server/core/log/recent_window.ts";
import { texts } from "../../support/hub.ts";

const LARGE = { messages: 1_000, bytes: 1e6 };

function message(id: number, channel: string, text = `${id}`): Message {
  return { id, channel, text, at: 0 };
}

function windowWith(messages: readonly Message[], bounds = LARGE): RecentWindow {
  const window = new RecentWindow(0, bounds);
  for (const each of messages) window.add(each);
  return window;
}

Deno.test("[W1] a window holds the newest messages, at most as many as it may", () => {
  const messages = [1, 2, 3, 4, 5].map((id) => message(id, "room:tea"));

  const window = windowWith(messages, { messages: 3, bytes: 1e6 });

  assertEquals([window.start, window.newest], [2, 5]);
  assertEquals(window.read(["room:tea"], 1, 10), undefined);
  assertEquals(window.read(["room:tea"], 2, 10)?.messages, messages.slice(2));
});

Deno.test("[W1] a window holds no more bytes than it may", () => {
  const messages = [1, 2, 3].map((id) => message(id, "room:tea", "a".repeat(1_000)));
  const size = encode(messages[0]!).bytes;

  const window = windowWith(messages, { messages: 10, bytes: 2 * size });

  assertEquals([window.start, window.newest, window.bytes], [1, 3, 2 * size]);
});

Deno.test("[W1] a window frees a message that it has removed, also if it was read", async () => {
  v8.setFlagsFromString("--expose-gc");
  const collectGarbage = vm.runInNewContext("gc");
  const window = new RecentWindow(0, { messages: 3, bytes: 1e6 });
  const addAndRead = () => {
    const first = message(1, "room:tea");
    window.add(first);
    window.add(message(2, "room:tea"));
    window.read(["room:tea"], 0, 10);
    return new WeakRef(first);
  };
  const first = addAndRead();

  window.add(message(3, "room:milk"));
  window.add(message(4, "room:milk"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  collectGarbage();

  assertEquals([window.start, first.deref()], [1, undefined]);
});

Deno.test("[W1] a window starts after messages that it was never told of", () => {
  const window = windowWith([1, 2, 7, 8].map((id) => message(id, "room:tea")));

  assertEquals([window.start, window.newest], [6, 8]);
  assertEquals(window.read(["room:tea"], 2, 10), undefined);
  assertEquals(window.read(["room:tea"], 6, 10)?.messages.map(({ id }) => id), [7, 8]);
});

Deno.test("[W1] a window ends with the log, also if its last messages were removed", () => {
  const window = windowWith([1, 2].map((id) => message(id, "room:tea")));

  window.reach(1);
  const before = [window.start, window.newest];
  window.reach(5);
  window.add(message(6, "room:tea"));

  assertEquals(before, [0, 2]);
  assertEquals([window.start, window.newest], [5, 6]);
  assertEquals(window.read(["room:tea"], 5, 10)?.messages.map(({ id }) => id), [6]);
});

Deno.test("[W1] a window may be empty, when one message is larger than it may hold", () => {
  const window = windowWith([message(1, "room:tea", "a".repeat(1_000))], {
    messages: 10,
    bytes: 10,
  });

  assertEquals([window.start, window.newest, window.bytes], [1, 1, 0]);
  assertEquals(window.read(["room:tea"], 1, 10), { messages: [], more: false });
});

Deno.test("[W2] topics are read together in the order of the log", () => {
  const window = windowWith([
    message(1, "room:tea"),
    message(2, "room:milk"),
    message(3, "room:other"),
    message(4, "room:tea"),
    message(5, "room:milk"),
  ]);

  assertEquals(texts(window.read(["room:tea", "room:milk"], 1, 10)!), ["2", "4", "5"]);
  assertEquals(window.read(["room:nothing"], 0, 10), { messages: [], more: false });
});

Deno.test("[W2] reading is limited, and says whether more follow", () => {
  const window = windowWith([1, 2, 3].map((id) => message(id, "room:tea")));

  const two = window.read(["room:tea"], 0, 2)!;
  const three = window.read(["room:tea"], 0, 3)!;

  assertEquals([texts(two), two.more], [["1", "2"], true]);
  assertEquals([texts(three), three.more], [["1", "2", "3"], false]);
});

function change(id: number, of: Message): Entry {
  return { id, message: of, channel: of.channel, at: 0 };
}

Deno.test("[W6] a change replaces its message, and what earlier changes have of it", () => {
  const window = windowWith([
    message(1, "room:tea"),
    message(2, "room:tea"),
    message(3, "room:tea"),
  ]);
  const [uno, eins] = [message(2, "room:tea", "uno"), message(2, "room:tea", "eins")];
  window.read(["room:tea"], 0, 10);

  window.add(change(4, uno));
  window.add(change(5, eins));

  const page = window.read(["room:tea"], 0, 10);
  assertEquals(page?.messages.map(({ text, message }) => text ?? message?.text), [
    "1",
    "eins",
    "3",
    "eins",
    "eins",
  ]);
  // Only the newest change holds the message.
  const first = withMessage(change(4, uno), undefined);
  const held = [message(1, "room:tea"), eins, message(3, "room:tea"), first, change(5, eins)];
  assertEquals(window.bytes, held.reduce((sum, entry) => sum + encode(entry).bytes, 0));
});

Deno.test("[W6] a deletion removes its message, and a window that starts with one is complete", () => {
  const gone = { id: 2, channel: "room:tea", at: 0, deletedAt: 9 };
  const window = windowWith([message(1, "room:tea"), message(2, "room:tea", "secret")]);

  window.add(change(3, gone));
  const later = windowWith([message(1, "room:tea"), gone, change(3, gone)]);

  for (const each of [window, later]) {
    assertEquals([each.start, each.newest], [0, 3]);
    assertEquals(each.read(["room:tea"], 0, 10)?.messages.map(({ id }) => id), [1, 3]);
  }
  assertEquals(JSON.stringify(window.read(["room:tea"], 0, 10)).includes("secret"), false);
});

Deno.test("[W6] what a window does for a change does not grow with earlier changes of the message", () => {
  const window = new RecentWindow(0, { messages: 10_000, bytes: 1e9 });
  window.add(message(1, "room:tea"));
  const text = "a".repeat(1_000);
  for (let id = 2; id <= 1_000; id++) window.add(change(id, message(1, "room:tea", text)));

  const one = encode(change(1_000, message(1, "room:tea", text))).bytes;

  assertEquals(window.bytes < 1_000 * 200 + 2 * one, true);
  assertEquals(window.read(["room:tea"], 1, 2_000)?.messages.length, 999);
});

Deno.test("[W6] a window with changes holds no more than it may, and forgets them", () => {
  const window = new RecentWindow(0, { messages: 3, bytes: 1e6 });
  window.add(message(1, "room:tea"));
  for (let id = 2; id <= 10; id++) window.add(change(id, message(1, "room:tea", `${id}`)));

  const page = window.read(["room:tea"], 7, 10);

  assertEquals([window.start, window.newest], [7, 10]);
  assertEquals(page?.messages.map((entry: Entry) => entry.message?.text), ["10", "10", "10"]);
});

Deno.test("[F62] a window sends who has not received a message to the store, if the log has removed it meanwhile", () => {
  const removed = { id: 2, message: { id: 2, channel: "room:tea", at: 0 } };
  const messages = [1, 2, 3].map((id) => message(id, "room:tea"));
  const window = windowWith(messages);
  const gone = withMessage({ ...removed, id: 4, channel: "room:tea", at: 9 }, undefined);

  window.add(gone);

  assertEquals(window.read(["room:tea"], 1, 10), undefined);
  assertEquals(window.read(["room:tea"], 2, 10)?.messages, [...messages.slice(2), gone]);
  assertEquals(window.newest, 4);
});
