import { answerWith, FOREIGN, lose } from "./answers.ts";
import type { Check } from "./check.ts";
import { passOn } from "./fault_proxy.ts";
import { expect, expectEqual, Stage } from "./stage.ts";

/** What a client must do when the server cannot tell it all that it has missed. */
export const GAPS: readonly Check[] = [
  {
    name: "gap: a cursor that is not valid any more is told as a gap, before the messages",
    run: gap,
  },
  {
    name: "new epoch: after the log was replaced, messages with lower ids are new",
    run: newEpoch,
  },
  {
    name: "history after a gap: it loads again what it shows, as it is now",
    run: historyAfterGap,
  },
  {
    name: "changes after a gap: changes with lower ids are new, too",
    run: changesAfterGap,
  },
];

async function gap(stage: Stage): Promise<void> {
  await stage.say("one");
  const client = stage.start({ cursor: "neverthere.7" });

  await client.until(() => client.texts.includes("one"), "the newest messages are missing");
  await stage.say("two");
  await client.until(() => client.texts.includes("two"), "it does not continue after the gap");

  const types = client.lines.map(({ type }) => type);
  expect(types.includes("gap"), "it does not tell the gap");
  expect(types.indexOf("gap") < types.indexOf("message"), "the gap is told after the messages");
  const later = stage.proxy.of("poll").slice(1).map(({ body }) => body.cursor);
  expect(!later.includes("neverthere.7"), "it keeps a cursor that is not valid");
}

async function newEpoch(stage: Stage): Promise<void> {
  const other = await stage.startServer({ STORE: "memory", LIMITS: "off" });
  const [alice, bob] = [
    await stage.signIn("alice", other.url),
    await stage.signIn("bob", other.url),
  ];
  const client = await stage.reading();
  for (const text of ["one", "two", "three"]) await stage.say(text);
  await client.until(() => client.texts.length === 3, "messages are missing");

  // The ids of the other log begin at 1.
  for (const text of ["first", "second"]) {
    await stage.send({ channel: stage.room, text }, alice.privateToken, other.url);
  }
  const change = { target: other.url, token: bob.privateToken };
  stage.proxy.always("poll", async (passing) => passing.answer(await passing.forward(change)));
  await client.until(() => client.texts.length >= 5, "the messages of the new log are missing");
  await stage.send({ channel: stage.room, text: "last" }, alice.privateToken, other.url);

  await client.until(() => client.texts.includes("last"), "it does not continue in the new log");
  expectEqual(client.texts, ["one", "two", "three", "first", "second", "last"], "it received");
  expectEqual(client.of("gap").length, 1, "number of gaps");
  stage.proxy.always("poll", passOn);
}

async function historyAfterGap(stage: Stage): Promise<void> {
  const [one, two] = [await stage.say("one"), await stage.say("two")];
  await stage.say("three");
  await stage.change("PATCH", one.id, { text: "one!" });
  await stage.change("DELETE", two.id);
  stage.proxy.next("history", answerWith(FOREIGN["an error page 502"]), lose);
  const client = stage.start({ cursor: "neverthere.7" });

  const { channel, messages } = await client.line("history");
  await stage.say("four");
  await client.until(() => client.texts.includes("four"), "it does not continue after the gap");

  expectEqual(channel, stage.room, "the room");
  expectEqual(messages?.map(({ text }) => text), ["three", "one!"], "the page, newest first");
  const types = client.lines.map(({ type }) => type);
  expect(types.indexOf("gap") < types.indexOf("history"), "it loads the history before the gap");
}

async function changesAfterGap(stage: Stage): Promise<void> {
  const settings = { STORE: "memory", LIMITS: "off" };
  const [before, after] = [await stage.startServer(settings), await stage.startServer(settings)];
  const { client: settingsOfClient, room } = stage;
  const own = stage.use(await Stage.open(settingsOfClient, { server: before.url, room }));
  const later = stage.use(await Stage.open(settingsOfClient, { server: after.url, room }));
  const client = await own.reading();
  const one = await own.say("one");
  await own.change("PATCH", one.id, { text: "one!" });
  await client.line("change");

  // The ids of the other log begin at 1, those of its changes too.
  const { privateToken: token } = await later.signIn("bob");
  own.proxy.always("poll", async (passing) => {
    passing.answer(await passing.forward({ target: after.url, token }));
  });
  const first = await later.say("first");
  await client.until(
    () => client.texts.includes("first"),
    "the messages of the new log are missing",
  );
  await later.change("PATCH", first.id, { text: "first!" });
  await client.until(
    () => client.of("change").length > 1,
    "the changes of the new log are missing",
  );

  const changed = client.of("change").map(({ change }) => [change?.id, change?.message.text]);
  expectEqual(changed, [[2, "one!"], [2, "first!"]], "it received the changes");
}
