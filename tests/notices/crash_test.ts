import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Message } from "../../server/protocol/message.ts";
import { tableSql } from "../../server/notices/sources/notice_table.ts";
import { RestartableServer } from "../support/restartable_server.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { TestFolder } from "../support/test_folder.ts";
import { PostgresServer } from "./postgres_server.ts";

const postgres = await PostgresServer.start();
Deno.test.afterAll(async () => await postgres?.[Symbol.asyncDispose]());

/** The server is killed when alice has received this number of notices. */
const CRASHES = [50, 150, 260, 390, 520];

Deno.test("[B7] each of 1,000 rows arrives once, although the server is killed five times (SQLite)", async () => {
  using folder = TestFolder.make();
  const path = join(folder.path, "shop.db");
  {
    using database = new DatabaseSync(path);
    database.exec(`PRAGMA journal_mode = WAL; ${tableSql("sqlite", undefined)}`);
  }

  await assertEachArrivesOnce(`sqlite:${path}`, {});
});

for (const listen of [undefined, "tea"]) {
  Deno.test({
    name:
      `[B7] each of 1,000 rows arrives once, although the server is killed five times (PostgreSQL${
        listen ? ", listening" : ""
      })`,
    ignore: postgres === undefined,
    fn: async () => {
      await using database = await postgres!.database(tableSql("postgres", listen));

      await assertEachArrivesOnce(
        database.url,
        listen === undefined ? {} : { NOTICES_LISTEN: listen },
      );
    },
  });
}

async function assertEachArrivesOnce(
  database: string,
  more: Readonly<Record<string, string>>,
): Promise<void> {
  await using halley = await RestartableServer.start({
    HAS_DB: "Y",
    NOTICES_DB: database,
    INTERVAL_TIME: "100",
    ...more,
  });
  using chat = new RemoteChat(halley.url);
  const [alice, bob] = [await Recipient.signIn(chat, "alice"), await Recipient.signIn(chat, "bob")];
  const recipients = ["", `session:${alice.publicToken}`, `session:${bob.publicToken}`, "room:tea"];
  const writing = writeTable([database, ...recipients]);

  for (const count of CRASHES) {
    await alice.receive(count);
    await halley.kill();
    await halley.restart();
  }
  assertEquals((await writing).stderr, "");
  await alice.receive(750);
  await bob.receive(750);

  const all = Array.from({ length: 1_000 }, (_, n) => n + 1);
  assertEquals(alice.received(), all.filter((n) => n % 4 !== 2));
  assertEquals(bob.received(), all.filter((n) => n % 4 !== 1));
  // A duplicate would arrive within an interval.
  await alice.poll(500);
  assertEquals(alice.messages.length, 750);
}

/** A user who reads everything. */
class Recipient {
  readonly publicToken: string;
  readonly messages: Message[] = [];
  readonly #user: RemoteUser;
  #cursor: string;

  static async signIn(chat: RemoteChat, displayName: string): Promise<Recipient> {
    const user = await chat.signIn(displayName);
    return new Recipient(user, (await user.poll()).cursor);
  }

  private constructor(user: RemoteUser, cursor: string) {
    this.publicToken = user.publicToken;
    this.#user = user;
    this.#cursor = cursor;
  }

  /** Polls until it has this number of messages. */
  async receive(count: number): Promise<void> {
    const end = Date.now() + 30_000;
    while (this.messages.length < count) {
      if (Date.now() > end) throw new Error(`${this.messages.length} of ${count} messages came`);
      await this.poll(1_000);
    }
  }

  async poll(hold: number): Promise<void> {
    const reply = await this.#user.poll({ cursor: this.#cursor, channels: ["room:tea"], hold });
    assertEquals(reply.gap, false);
    this.#cursor = reply.cursor;
    this.messages.push(...reply.messages);
  }

  /** The numbers of the received rows, sorted. */
  received(): number[] {
    return this.messages.map(({ text }) => Number(text)).sort((one, other) => one - other);
  }
}

/** Writes rows in another process. */
async function writeTable(args: readonly string[]): Promise<{ readonly stderr: string }> {
  const program = join(import.meta.dirname!, "table_writer.ts");
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", program, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return { stderr: new TextDecoder().decode(stderr) };
}
