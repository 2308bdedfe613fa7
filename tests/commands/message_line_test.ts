import { assertEquals, assertMatch } from "@std/assert";
import {
  formatChangeLine,
  formatJsonLine,
  formatLine,
} from "../../server/commands/client/message_line.ts";
import type { Message } from "../../server/protocol/message.ts";

const NOON = new Date(2026, 10, 23, 12, 3, 11).getTime();
const alice = { publicToken: "cYc8Dlk16xzi2wVZ", displayName: "alice" };
const HELLO: Message = { id: 1, channel: "room:tea", from: alice, text: "hello", at: NOON };

function line(message: Partial<Message>, { showsChannel = false, now = NOON } = {}): string {
  return formatLine({ ...HELLO, ...message }, { showsChannel, now });
}

/** Escape sequences, a bell, a C1 control, a change of direction, line breaks. */
const CONTROLS = "a\x1b[31m\x07\x9b2J\u202eb\nc\r\nd\u2028e\x7f\tf";

Deno.test("[E5] a line has the time, the name and the text, and the channel if there are several", () => {
  const notice = { channel: "notice", title: "Lunch", text: "is here" };
  const { from: _from, ...system } = HELLO;

  assertEquals(line({}), "12:03:11 alice: hello");
  assertEquals(line({}, { showsChannel: true }), "12:03:11 room:tea alice: hello");
  assertEquals(line({}, { now: NOON + 86_400_000 }), "2026-11-23 12:03:11 alice: hello");
  assertEquals(
    formatLine({ ...system, ...notice }, { showsChannel: true, now: NOON }),
    "12:03:11 everyone * Lunch: is here",
  );
  const { text: _text, ...rest } = HELLO;
  assertEquals(
    formatLine({ ...rest, data: { order: 7 } }, { showsChannel: false, now: NOON }),
    '12:03:11 alice: {"order":7}',
  );
  const files = [{ id: "1", name: "tea.jpg", type: "image/jpeg", size: 7 }];
  const options = { showsChannel: false, now: NOON };
  assertEquals(formatLine({ ...rest, files }, options), "12:03:11 alice: [tea.jpg]");
  assertEquals(line({ files }), "12:03:11 alice: hello [tea.jpg]");
});

Deno.test("[E6] control characters and line breaks in texts, titles and names are escaped", () => {
  const escaped = "a␛[31m␇�2J�b↵ c↵ d↵ e␡ f";

  assertEquals(line({ text: CONTROLS }), `12:03:11 alice: ${escaped}`);
  assertEquals(line({ title: CONTROLS }), `12:03:11 alice: ${escaped}: hello`);
  assertEquals(line({ from: { ...alice, displayName: CONTROLS } }), `12:03:11 ${escaped}: hello`);
  assertEquals(line({ text: "\ud800" }), "12:03:11 alice: \ufffd");
});

Deno.test("[E7] a line of JSON is the message, with control characters escaped", () => {
  const message = { ...HELLO, text: CONTROLS, data: { [CONTROLS]: CONTROLS } };

  const json = formatJsonLine(message);

  assertEquals(JSON.parse(json), message);
  assertMatch(json, /^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u);
});

Deno.test("[E24] the line of a change has its time and that of the message, and no control characters", () => {
  const change = (message: Partial<Message>, showsChannel = false) =>
    formatChangeLine({
      id: 2,
      channel: "room:tea",
      at: NOON + 60_000,
      message: { ...HELLO, editedAt: NOON + 60_000, ...message },
    }, {
      showsChannel,
      now: NOON,
    });
  const { text: _text, ...gone } = { ...HELLO, deletedAt: NOON };
  const deletion = { id: 2, channel: "room:tea", at: NOON + 60_000, message: gone };

  assertEquals(change({}), "12:04:11 edited 12:03:11 alice: hello");
  assertEquals(change({}, true), "12:04:11 edited 12:03:11 room:tea alice: hello");
  assertEquals(change({ text: "a\nb" }), "12:04:11 edited 12:03:11 alice: a↵ b");
  assertEquals(
    formatChangeLine(deletion, { showsChannel: false, now: NOON }),
    "12:04:11 deleted 12:03:11 alice",
  );
  assertEquals(
    formatChangeLine(deletion, { showsChannel: true, now: NOON }),
    "12:04:11 deleted 12:03:11 room:tea alice",
  );
});

Deno.test("[D54] a reaction has no line", () => {
  const reactions = [{ emoji: "👍", by: ["aliceAliceAlice_"] }];
  const message = { ...HELLO, editedAt: NOON, reactions };
  const change = { id: 2, channel: "room:tea", at: NOON + 60_000, message };

  assertEquals(formatChangeLine(change, { showsChannel: false, now: NOON }), undefined);
});
