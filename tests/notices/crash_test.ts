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

/** When the server is killed: so many notices have come to alice by then. */
const CRASHES = [50, 150, 260, 390, 520];

Deno.test("[B7] of 1,000 rows that another process writes, each arrives once, though the server is killed five times (SQLite)", async () => {
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
      `[B7] of 1,000 rows that another process writes, each arrives once, though the server is killed five times (PostgreSQL${
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
  const [alice, bob] = [await Listener.signIn(chat, "alice"), await Listener.signIn(chat, "bob")];
  const recipients = ["", `session:${alice.publicToken}`, `session:${bob.publicToken}`, "room:tea"];
  const writing = writeTable([database, ...recipients]);

  for (const count of CRASHES) {
    await alice.hear(count);
    await halley.kill();
    await halley.restart();
  }
  assertEquals((await writing).stderr, "");
  await alice.hear(750);
  await bob.hear(750);

  const all = Array.from({ length: 1_000 }, (_, n) => n + 1);
  assertEquals(alice.heard(), all.filter((n) => n % 4 !== 2));
  assertEquals(bob.heard(), all.filter((n) => n % 4 !== 1));
  // What is not there now would come by an interval from now.
  await alice.listen(500);
  assertEquals(alice.messages.length, 750);
}

/** Somebody who reads everything, with a cursor of its own. */
class Listener {
  readonly publicToken: string;
  readonly messages: Message[] = [];
  readonly #user: RemoteUser;
  #cursor: string;

  static async signIn(chat: RemoteChat, displayName: string): Promise<Listener> {
    const user = await chat.signIn(displayName);
    return new Listener(user, (await user.poll()).cursor);
  }

  private constructor(user: RemoteUser, cursor: string) {
    this.publicToken = user.publicToken;
    this.#user = user;
    this.#cursor = cursor;
  }

  /** Polls until there are so many messages. */
  async hear(count: number): Promise<void> {
    const end = Date.now() + 30_000;
    while (this.messages.length < count) {
      if (Date.now() > end) throw new Error(`${this.messages.length} of ${count} messages came`);
      await this.listen(1_000);
    }
  }

  async listen(hold: number): Promise<void> {
    const reply = await this.#user.poll({ cursor: this.#cursor, channels: ["room:tea"], hold });
    assertEquals(reply.gap, false);
    this.#cursor = reply.cursor;
    this.messages.push(...reply.messages);
  }

  /** The numbers of the rows, in their order. */
  heard(): number[] {
    return this.messages.map(({ text }) => Number(text)).sort((one, other) => one - other);
  }
}

/** Has another process write rows. */
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
