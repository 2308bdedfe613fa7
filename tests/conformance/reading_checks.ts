import { answerWith, cut, FOREIGN, lose } from "./answers.ts";
import type { Check } from "./check.ts";
import type { Passing } from "./fault_proxy.ts";
import type { PollReply } from "../../server/protocol/replies.ts";
import { expect, expectEqual, pass, request, type Stage } from "./stage.ts";

/** What a client must do when all is well, and when replies to polls are lost. */
export const READING: readonly Check[] = [
  {
    name: "sign in, also if the first answers are lost or from someone else",
    async run(stage) {
      const page = FOREIGN["a page with 200"];
      stage.proxy.next("sign-in", answerWith(page), (passing) => passing.drop());
      const client = stage.start({ name: "bob" });

      const { privateToken = "", publicToken } = await client.line("session");
      await client.line("cursor");

      const used = stage.proxy.of("poll").map(({ headers }) =>
        [headers.authorization, headers["x-halley-token"]].join()
      );
      expect(publicToken?.length === 16, "the line has no public token");
      expect(used.every((one) => one.includes(privateToken)), "polls carry another token");
    },
  },
  {
    name: "order: messages arrive once, in the order of the log, and none from before",
    async run(stage) {
      await stage.say("from before");
      const client = await stage.reading();
      const texts = Array.from({ length: 30 }, (_, n) => `message ${n}`);

      for (const text of texts) await stage.say(text);

      await client.until(() => client.texts.length >= texts.length, "messages are missing");
      expectEqual(client.texts, texts, "it received");
    },
  },
  {
    name: "unicode: texts and data are received and sent unchanged",
    async run(stage) {
      const client = await stage.reading();
      const text = '茶 é e\u0301 👩‍👩‍👧 مرحبا \u2028 \\ " <b> \n\ttab';
      const data = { "ключ": ["\u0000", 1.5, null, true, { "": "𝒳" }] };
      await stage.say(text);
      await client.send({ channel: stage.room, text });
      await client.send({ channel: stage.room, data });

      await client.until(() => client.texts.length >= 3, "messages are missing");

      expectEqual(client.texts.slice(0, 2), [text, text], "it received");
      expectEqual((await stage.stored())[1]?.text, text, "the server has");
      expectEqual((await stage.stored())[2]?.data, data, "the server has");
      expectEqual(client.of("message")[2]?.message?.data, data, "it received");
    },
  },
  {
    name: "hold: a quiet room costs a poll per hold, and the cursor moves with each reply",
    async run(stage) {
      const client = await stage.reading({ hold: 1000 });
      const before = stage.proxy.of("poll").length;

      await pass(3500);

      const polls = stage.proxy.of("poll").slice(before - 1);
      expect(polls.length >= 3, `${polls.length} polls in 3.5 s, of 1 s each`);
      expect(polls.length <= 8, `${polls.length} polls in 3.5 s: it does not wait`);
      await client.until(() => client.of("cursor").length >= 3, "it prints no new cursors");
    },
  },
  {
    name: "lost reply: what a lost reply to a poll contained arrives once",
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.next("poll", lose);

      await stage.say("one");
      await client.until(() => client.texts.length === 1, "the first message is missing");
      await stage.proxyHas("poll", (polls) => polls.length >= 3);
      await stage.say("two");
      await stage.say("three");

      await client.until(() => client.texts.length >= 3, "messages are missing");
      expectEqual(client.texts, ["one", "two", "three"], "it received");
    },
  },
  {
    name: "cut reply: an incomplete reply is ignored",
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.next("poll", cut, cut);

      for (const text of ["one", "two", "three"]) await stage.say(text);

      await client.until(() => client.texts.length >= 3, "messages are missing");
      expectEqual(client.texts, ["one", "two", "three"], "it received");
    },
  },
  {
    name: "repeated ids: a reply that comes twice is delivered once",
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.next("poll", async (passing) => {
        const answer = await passing.forward();
        stage.proxy.next("poll", answerWith(answer));
        passing.answer(answer);
      });

      await stage.say("one");
      await client.until(() => client.texts.length === 1, "the first message is missing");
      await stage.say("two");
      await client.until(() => client.texts.length >= 2, "the second message is missing");
      await stage.say("three");

      await client.until(() => client.texts.includes("three"), "messages are missing");
      expectEqual(client.texts, ["one", "two", "three"], "it received");
    },
  },
  {
    name: "slow reply: line feeds come first, then the reply in pieces",
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.next("poll", async (passing) => {
        passing.write("\n");
        const { body } = await passing.forward();
        for (let at = 0; at < body.length; at += 40) {
          passing.write(`${at === 0 ? "\n\n" : ""}${body.slice(at, at + 40)}`);
          await pass(30);
        }
        passing.answer({ status: 200, headers: {}, body: "" });
      });

      await stage.say("one");
      await client.until(() => client.texts.length === 1, "the first message is missing");
      await stage.say("two");

      await client.until(() => client.texts.length === 2, "the second message is missing");
      expectEqual(client.texts, ["one", "two"], "it received");
    },
  },
  {
    name: "unknown members, signals and codes are ignored",
    async run(stage) {
      const client = await stage.reading();
      stage.proxy.always("poll", async (passing) => {
        const answer = await passing.forward();
        const { messages = [], ...reply } = JSON.parse(answer.body);
        const from = { publicToken: "0wC8BvuuufPfVVhX", displayName: "carol", mood: "fine" };
        const signal = { type: "waving", channel: stage.room, from, at: 0 };
        const more = messages.map((message: unknown) => ({ ...Object(message), stars: 5 }));
        const body = { ...reply, messages: more, signals: [signal], weather: { rain: true } };
        passing.answer({ ...answer, body: JSON.stringify(body) });
      });

      await stage.say("one");

      await client.until(() => client.texts.length === 1, "the message is missing");
    },
  },
  {
    name: "unknown members of other replies, of changes and of problems are ignored",
    run: unknownMembers,
  },
  {
    name: "more: a long absence is made up for, a page at a time",
    async run(stage) {
      const bob = await stage.signIn("bob");
      const { cursor } = await request<PollReply>("POST", `${stage.server}/api/poll`, {
        body: {},
        token: bob.privateToken,
      });
      const texts = Array.from({ length: 230 }, (_, n) => `message ${n}`);
      for (const text of texts) await stage.say(text);

      const client = stage.start({ token: bob.privateToken, cursor });

      await client.until(() => client.texts.length >= texts.length, "messages are missing");
      expectEqual(client.texts, texts, "it received");
    },
  },
  {
    name: "changes: edits and deletions arrive once, in order, also after lost replies",
    run: changes,
  },
  {
    name: "dead connection: a poll without an answer is given up ten seconds after its hold",
    async run(stage) {
      const client = await stage.reading({ hold: 1000 });
      stage.proxy.next("poll", () => {});

      await stage.say("one");
      await client.until(() => client.texts.length === 1, "the first message is missing");
      await stage.say("two");

      await client.until(() => client.texts.length === 2, "the second message is missing");
      const [dead, after] = stage.proxy.of("poll").slice(-3);
      expect(dead !== undefined && after !== undefined, "it does not poll again");
      expectEqual(client.texts, ["one", "two"], "it received");
    },
  },
];

async function unknownMembers(stage: Stage): Promise<void> {
  const add = async (passing: Passing) => {
    const answer = await passing.forward();
    const { changes, settings, ...reply } = JSON.parse(answer.body);
    const body = {
      ...reply,
      ...(settings && { settings: { ...settings, weather: "rain" } }),
      ...(changes && { changes: changes.map((one: object) => ({ ...one, weather: "rain" })) }),
      weather: { rain: true },
    };
    passing.answer({ ...answer, body: JSON.stringify(body) });
  };
  for (const kind of ["sign-in", "session", "send", "poll", "history"] as const) {
    stage.proxy.always(kind, add);
  }
  const client = await stage.reading({ cursor: "neverthere.7" });

  await client.send({ channel: "tea", text: "refused" });
  await client.send({ channel: stage.room, text: "one" });
  await client.line("sent");
  const two = await stage.say("two");
  await client.until(() => client.texts.length === 2, "messages are missing");
  await stage.change("PATCH", two.id, { text: "two!" });

  await client.line("change");
  expectEqual(client.texts, ["one", "two"], "it received");
  expectEqual(client.of("refused").map(({ code }) => code), ["invalid_request"], "it printed");
}

async function changes(stage: Stage): Promise<void> {
  const client = await stage.reading();
  const [one, two] = [await stage.say("one"), await stage.say("two")];
  await client.until(() => client.texts.length === 2, "messages are missing");
  stage.proxy.next("poll", lose, async (passing) => {
    const answer = await passing.forward();
    stage.proxy.next("poll", answerWith(answer));
    passing.answer(answer);
  });

  await stage.change("PATCH", one.id, { text: "one!" });
  await stage.change("PATCH", one.id, { text: "one?" });
  await stage.change("DELETE", two.id);
  await client.until(() => client.of("change").length >= 3, "changes are missing");
  await stage.say("three");

  await client.until(() => client.texts.includes("three"), "it does not go on");
  const changed = client.of("change").map(({ change }) => change?.message);
  const ids = changed.map((message) => message?.id);
  expectEqual(ids, [one.id, one.id, two.id], "it received changes of");
  expectEqual(changed[1]?.text, "one?", "the last edit");
  expect(changed[2]?.deletedAt !== undefined, "the deletion has no deletedAt");
  expectEqual(client.texts, ["one", "two", "three"], "it received");
}
