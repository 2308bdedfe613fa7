import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { waitUntil } from "../support/wait_until.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { type ExitResult, runToEnd, ServerProcess } from "../support/server_process.ts";
import { TestFolder } from "../support/test_folder.ts";
import { PostgresServer } from "./postgres_server.ts";

const postgres = await PostgresServer.start();
Deno.test.afterAll(async () => await postgres?.[Symbol.asyncDispose]());

const ORDERS = `CREATE TABLE orders
  (number integer PRIMARY KEY, status text, changed_at text DEFAULT CURRENT_TIMESTAMP);`;

const SETTINGS = {
  HAS_DB: "Y",
  NOTICES_DB: "sqlite:shop.db",
  STORE: "sqlite:tea.db",
  INTERVAL_TIME: "100",
};

Deno.test("[B3] with NOTICES_QUERY alone, orders of another application become notices", async () => {
  using folder = TestFolder.make();
  using shop = new DatabaseSync(join(folder.path, "shop.db"), { timeout: 5_000 });
  shop.exec(`${ORDERS} INSERT INTO orders (number, status) VALUES (7, 'shipped')`);
  await using halley = await ServerProcess.start({
    folder: folder.path,
    settings: {
      ...SETTINGS,
      NOTICES_QUERY: `SELECT changed_at || ' ' || number AS key, 'room:orders' AS recipient,
        'Order ' || number AS title, 'is ' || status AS body FROM orders
        WHERE status <> 'new' AND changed_at || ' ' || number > ?`,
    },
  });
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();

  shop.exec(`INSERT INTO orders (number, status) VALUES (8, 'new'), (9, 'paid')`);
  const first = await alice.poll({ cursor, channels: ["room:orders"] });
  shop.exec(`UPDATE orders SET status = 'shipped', changed_at = '2100-01-01' WHERE number = 9`);
  const second = await alice.poll({ cursor: first.cursor, channels: ["room:orders"] });

  assertEquals(
    [...first.messages, ...second.messages].map(({ title, text }) => `${title} ${text}`),
    ["Order 9 is paid", "Order 9 is shipped"],
  );
});

Deno.test("[B9] a misconfigured database fails the start with a message of one line and status 1", async () => {
  using folder = TestFolder.make();
  using shop = new DatabaseSync(join(folder.path, "shop.db"));
  shop.exec(ORDERS);
  const start = (query?: string) =>
    runToEnd({
      folder: folder.path,
      settings: { ...SETTINGS, STORE: "memory", ...(query && { NOTICES_QUERY: query }) },
    });

  const [noTable, noColumn] = await Promise.all([
    start(),
    start("SELECT number AS key, state AS body FROM orders WHERE number > ?"),
  ]);

  const place = 'Cannot read notices from "sqlite:shop.db"';
  assertFailedWith(noTable, `${place}: no such table: system_messages`);
  assertFailedWith(noColumn, `${place}: no such column: state`);
});

Deno.test("[B12] a row that cannot become a notice is logged by its key", async () => {
  using folder = TestFolder.make();
  using shop = new DatabaseSync(join(folder.path, "shop.db"));
  shop.exec(`${ORDERS}`);
  await using halley = await ServerProcess.start({
    folder: folder.path,
    settings: {
      ...SETTINGS,
      NOTICES_QUERY: "SELECT number AS key, status AS recipient, 'hi' AS body FROM orders",
    },
  });

  shop.exec("INSERT INTO orders (number, status) VALUES (8, 'alice')");

  const line = JSON.parse(await halley.line(/notice_skipped/));
  assertEquals({ level: line.level, key: line.key }, { level: "warn", key: "8" });
  assertMatch(line.reason, /"alice" is not a valid recipient/);
});

Deno.test({
  name: "[B11] a database that is unavailable for a while stops nothing else, and is logged",
  ignore: postgres === undefined,
  fn: async () => {
    await using server = await PostgresServer.start();
    await using database = await server!.database();
    const settings = { ...SETTINGS, NOTICES_DB: database.url, NOTICES_LISTEN: "tea" };
    await using first = await ServerProcess.spawn({
      settings,
      args: ["notices", "init", "--create"],
    });
    await first.ended();
    await using halley = await ServerProcess.start({
      settings: { ...settings, INTERVAL_TIME: "500" },
    });
    using chat = new RemoteChat(halley.url);
    const alice = await chat.signIn("alice");
    const { cursor } = await alice.poll();

    await server!.stop();
    await halley.line(/notices_unavailable/);
    assertEquals((await chat.request("GET", "/ready")).status, 200);
    assertEquals((await alice.say("room:tea", "hello")).status, 201);
    await server!.restart();
    await database.run("INSERT INTO system_messages (title, body) VALUES ('Tea', 'is ready')");

    const reply = await alice.poll({ cursor, channels: [] });
    assertEquals(reply.messages.map(({ title, text }) => [title, text]), [["Tea", "is ready"]]);
    await halley.line(/notices_available/);
    assertEquals(halley.output.match(/notices_unavailable/g)?.length, 1, halley.output);
    assertEquals(halley.output.includes("two-leaves"), false);
  },
});

Deno.test({
  name: "[B14] with NOTICES_LISTEN, a notice arrives at once, however long the interval is",
  ignore: postgres === undefined,
  fn: async () => {
    await using database = await postgres!.database();
    const settings = {
      ...SETTINGS,
      NOTICES_DB: database.url,
      NOTICES_LISTEN: "tea",
      INTERVAL_TIME: "3600000",
    };
    await using made = await ServerProcess.spawn({
      settings,
      args: ["notices", "init", "--create"],
    });
    assertEquals((await made.ended()).code, 0, made.output);
    await using halley = await ServerProcess.start({ settings });
    using chat = new RemoteChat(halley.url);
    const alice = await chat.signIn("alice");
    let { cursor } = await alice.poll();
    const times: number[] = [];

    for (let n = 0; n < 5; n++) {
      const poll = alice.poll({ cursor });
      await waitUntil(async () => await parked(chat) === 1, "a parked poll");
      const begin = performance.now();
      await database.run("INSERT INTO system_messages (body) VALUES ('hello')");
      const reply = await poll;
      times.push(performance.now() - begin);
      assertEquals(reply.messages.length, 1);
      cursor = reply.cursor;
    }

    assert(Math.min(...times) < 1_000, times.join());
  },
});

function assertFailedWith({ code, stdout, stderr }: ExitResult, line: string): void {
  assertEquals({ code, stdout, stderr }, { code: 1, stdout: "", stderr: `${line}\n` });
}

async function parked(chat: RemoteChat): Promise<number> {
  const metrics = await (await chat.request("GET", "/metrics")).text();
  return Number(/^halley_parked_polls (\d+)$/m.exec(metrics)?.[1]);
}
