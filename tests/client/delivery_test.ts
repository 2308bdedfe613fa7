import { assertEquals } from "@std/assert";
import { stopClock } from "../support/clock.ts";
import { message, openReader, stateNamed } from "./support/reader.ts";
import { openServer, reply } from "./support/scripted_server.ts";

Deno.test("[C13] messages are delivered oldest first, before the cursor moves", async () => {
  await using server = await openServer();
  using alice = openReader(server, { cursor: "c0" });
  const delivered: unknown[] = [];
  alice.on("message", ({ text }) => delivered.push([text, alice.cursor]));

  alice.startWaiting();
  const messages = [message(1, "one"), message(2, "two")];
  (await server.next()).answer(reply({ messages }));
  await server.next();

  assertEquals(delivered, [["one", "c0"], ["two", "c0"]]);
});

Deno.test("[C14] a message that comes again is not delivered again", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const texts: unknown[] = [];
  alice.on("message", ({ text }) => texts.push(text));

  alice.startWaiting();
  (await server.next()).answer(reply({ messages: [message(1, "one"), message(2, "two")] }));
  (await server.next()).answer(reply({ messages: [message(2, "two"), message(3, "three")] }));
  await server.next();

  assertEquals(texts, ["one", "two", "three"]);
});

Deno.test("[C14] in a new epoch another message can have the same id, and is delivered", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const texts: unknown[] = [];
  alice.on("message", ({ text }) => texts.push(text));

  alice.startWaiting();
  (await server.next()).answer(reply({ messages: [message(1, "one")] }));
  const other = { ...message(1, "another one"), at: 9_999 };
  (await server.next()).answer(reply({ messages: [other], gap: true }));
  await server.next();

  assertEquals(texts, ["one", "another one"]);
});

Deno.test("[C15] a truncated reply delivers nothing, and the same poll is sent again", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using alice = openReader(server, { cursor: "c0" });
  const texts: unknown[] = [];
  alice.on("message", ({ text }) => texts.push(text));
  alice.startWaiting();

  const waiting = stateNamed(alice, "waiting");
  (await server.next()).cut();
  await waiting;
  await clock.pass(500);
  const again = await server.next();
  again.answer(reply({ messages: [message(1, "one")] }));
  await server.next();

  assertEquals([again.body.cursor, texts], ["c0", ["one"]]);
});

Deno.test("[C16] a gap is emitted before the messages that follow it", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const events: unknown[] = [];
  alice.on("gap", () => events.push("gap"));
  alice.on("message", ({ text }) => events.push(text));

  alice.startWaiting();
  (await server.next()).answer(reply({ gap: true, messages: [message(9, "nine")] }));
  await server.next();

  assertEquals(events, ["gap", "nine"]);
});

Deno.test("[C17] an error of a listener is reported, and stops neither the other listeners nor the polls", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  using reports = catchReports();
  const texts: unknown[] = [];
  alice.on("message", () => {
    throw new Error("broken listener");
  });
  alice.on("message", ({ text }) => texts.push(text));

  alice.startWaiting();
  (await server.next()).answer(reply({ messages: [message(1, "one")] }));
  await server.next();

  assertEquals(texts, ["one"]);
  assertEquals(reports.messages, ["broken listener"]);
});

Deno.test("[C18] a listener is not called after its subscription is disposed", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  const texts: unknown[] = [];
  const subscription = alice.on("message", ({ text }) => texts.push(text));

  alice.startWaiting();
  (await server.next()).answer(reply({ messages: [message(1, "one")] }));
  const second = await server.next();
  subscription[Symbol.dispose]();
  second.answer(reply({ messages: [message(2, "two")] }));
  await server.next();

  assertEquals(texts, ["one"]);
});

function catchReports(): Disposable & { readonly messages: readonly string[] } {
  const messages: string[] = [];
  const original = console.error;
  console.error = (error: unknown) => messages.push(error instanceof Error ? error.message : "?");
  return { messages, [Symbol.dispose]: () => void (console.error = original) };
}
