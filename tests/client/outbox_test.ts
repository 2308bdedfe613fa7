import { signal } from "@preact/signals";
import { assertEquals } from "@std/assert";
import { Outbox } from "../../client/ui/state/outbox.ts";
import { Draft } from "../../client/ui/state/draft.ts";
import { takeBack } from "../../client/ui/state/take_back.ts";
import type { Drafts, Journal } from "../../client/ui/storage/chat_storage.ts";
import { MemoryOutboxStore } from "../../client/ui/storage/outbox_store.ts";
import { memoryValue } from "../../client/ui/storage/stored_value.ts";
import { SETTINGS } from "../support/chat.ts";
import { settle } from "../support/clock.ts";
import { openPage } from "./support/page.ts";
import { message, openReader } from "./support/reader.ts";
import { openServer, type ScriptedServer } from "./support/scripted_server.ts";

Deno.test("[U76] a message that a closed tab has left is sent when the user looks at another one", async () => {
  using page = openPage();
  await using server = await openServer();
  using tea = openOutbox(server);
  await tea.store.put({ key: "k1", channel: "room:tea", text: "hello", at: Date.now() });
  assertEquals(tea.shown, []);

  page.hide();
  page.show();

  const { body, answer } = await server.next();
  assertEquals([body.key, body.text], ["k1", "hello"]);
  answer(message(5, "hello"));
  await tea.emptied();
});

Deno.test("[U77] a message that was not stored before its page was left is sent by the next one, once", async () => {
  await using server = await openServer();
  const journal = memoryValue<Journal>();
  using left = openOutbox(server, journal);
  left.store.put = () => new Promise(() => {});
  left.outbox.send("room:tea", "hello");
  await settle();
  left.outbox[Symbol.dispose]();

  using next = openOutbox(server, journal);

  assertEquals(next.shown, ["hello (waiting)"]);
  const { body, answer } = await server.next();
  assertEquals(body.text, "hello");
  answer(message(5, "hello"));
  await next.emptied();
  using third = openOutbox(server, journal);
  await settle();
  assertEquals([third.shown, server.waiting], [[], 0]);
});

Deno.test("[U77] what a tab had not stored when it was closed is sent before what another one writes later", async () => {
  await using server = await openServer();
  const journal = memoryValue<Journal>();
  using here = openOutbox(server, journal);
  using left = openOutbox(server, journal);
  left.store.put = () => new Promise(() => {});
  left.outbox.send("room:tea", "one");
  await settle();
  left.outbox[Symbol.dispose]();

  here.outbox.send("room:tea", "two");

  for (const [id, text] of ["one", "two"].entries()) {
    const { body, answer } = await server.next();
    assertEquals(body.text, text);
    answer(message(id + 1, text));
  }
  await here.emptied();
  await settle();
  const noted = Object.values(journal.read() ?? {}).filter((entry) => entry);
  assertEquals([here.shown, noted], [[], []]);
});

Deno.test("[U77] what another tab has written before is sent first, also if this page has missed the news", async () => {
  await using server = await openServer();
  using tea = openOutbox(server);
  await tea.store.put({ key: "k1", channel: "room:tea", text: "one", at: Date.now() });

  tea.outbox.send("room:tea", "two");

  const first = await server.next();
  assertEquals(first.body.text, "one");
  first.answer(message(5, "one"));
  const second = await server.next();
  second.answer(message(6, "two"));
  await tea.emptied();
  assertEquals(second.body.text, "two");
});

Deno.test("[U77] a message that is written while the store is read is sent when it is stored", async () => {
  await using server = await openServer();
  using tea = openOutbox(server);
  const [reading, written, stored] = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const { list, put } = MemoryOutboxStore.prototype;
  tea.outbox.send("room:tea", "zero");
  const zero = await server.next();
  tea.store.list = async () => {
    const saved = await list.call(tea.store);
    reading?.resolve();
    await written?.promise;
    return saved;
  };
  tea.store.put = async (entry) => {
    await stored?.promise;
    // Another tab was faster.
    await put.call(tea.store, { ...entry, key: "k1", text: "one" });
    await put.call(tea.store, entry);
  };
  zero.answer(message(5, "zero"));
  await reading?.promise;

  tea.outbox.send("room:tea", "two");
  written?.resolve();
  await settle();
  stored?.resolve();

  const first = await server.next();
  assertEquals(first.body.text, "one");
  first.answer(message(6, "one"));
  (await server.next()).answer(message(7, "two"));
  await tea.emptied();
});

Deno.test("[U77] what another tab has sent or discarded is not sent again", async () => {
  await using server = await openServer();
  using tea = openOutbox(server);
  const lock = Promise.withResolvers<void>();
  tea.store.exclusively = async (_name, work) => {
    await lock.promise;
    await work();
  };
  tea.outbox.send("room:tea", "hello");
  assertEquals(tea.shown, ["hello (waiting)"]);
  while ((await tea.store.list()).length === 0);

  await tea.store.clear();
  lock.resolve();
  await tea.emptied();

  assertEquals([tea.shown, server.waiting], [[], 0]);
});

Deno.test("[U240] a message that any tab discards while it is being sent is sent no more, and later ones are", async () => {
  await using server = await openServer();
  using tea = openOutbox(server);
  for (const text of ["one", "two", "three"]) tea.outbox.send("room:tea", text);
  const one = await server.next();

  await discardElsewhere(tea.store, "one");
  await one.aborted;
  const two = await server.next();
  tea.discard("two");
  await two.aborted;

  const three = await server.next();
  assertEquals([one.body.text, two.body.text, three.body.text], ["one", "two", "three"]);
  three.answer(message(5, "three"));
  await tea.emptied();
  await settle();
  assertEquals([await tea.store.list(), server.waiting], [[], 0]);
});

Deno.test("[U240] a message that is taken back is put before the draft, with what it replies to", async () => {
  await using server = await openServer();
  using tea = openOutbox(server);
  const draft = new Draft("room:tea", memoryValue<Drafts>());
  const takeLast = () => {
    const last = tea.outbox.pending.peek().at(-1);
    if (last) takeBack(last, { draft, outbox: tea.outbox });
    return { text: draft.text.peek(), answers: draft.answers.peek() };
  };
  tea.outbox.send("room:tea", "two", { replyTo: 2 });
  tea.outbox.send("room:tea", "one\nand a half", { replyTo: 1 });

  assertEquals(takeLast(), { text: "one\nand a half", answers: 1 });
  draft.write("one");
  assertEquals(takeLast(), { text: "two\none", answers: 1 });
  assertEquals(tea.shown, []);
});

/** Another tab discards a message. */
async function discardElsewhere(store: MemoryOutboxStore, text: string): Promise<void> {
  const entry = (await store.list()).find((one) => one.text === text);
  await store.remove(entry?.key ?? "");
  store.onChange?.();
}

function openOutbox(server: ScriptedServer, journal = memoryValue<Journal>()) {
  const client = openReader(server);
  const store = new MemoryOutboxStore();
  const outbox = new Outbox({
    client,
    store: Promise.resolve(store),
    journal,
    settings: signal(SETTINGS),
    onSent: () => {},
  });
  return {
    store,
    outbox,
    discard: (text: string) => {
      const message = outbox.pending.peek().find((one) => one.text === text);
      if (message) outbox.discard(message);
    },
    get shown() {
      return outbox.pending.value.map(({ text, state }) => `${text} (${state})`);
    },
    emptied: () =>
      new Promise<void>((resolve) => {
        const stop = outbox.pending.subscribe(({ length }) => {
          if (length === 0) queueMicrotask(() => (stop(), resolve()));
        });
      }),
    [Symbol.dispose]: () => {
      outbox[Symbol.dispose]();
      client[Symbol.dispose]();
    },
  };
}
