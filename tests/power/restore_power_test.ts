import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { join } from "node:path";
import { SeededRandom } from "../../server/commands/soak/seeded_random.ts";
import { backUp } from "../../server/stores/sqlite/sqlite_files.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { texts } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";
import { Machine } from "./machine.ts";
import { powerTest } from "./power_test_case.ts";

/** Every how many operations of a command the power is cut. */
const STEP = Deno.env.get("HALLEY_LONG") === "1" ? 1 : 12;

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

/** Makes `halley.db`, whose newest message is only in its WAL as after a crash, and its older backup `backup.db`. */
async function makeFiles(folder: string): Promise<void> {
  using elsewhere = TestFolder.make();
  const path = join(elsewhere.path, "halley.db");
  await using store = SqliteStore.open(path, KEEP_ALL);
  await store.log.append([{ channel: "room:tea", from: alice, text: "one" }]);
  await backUp(path, join(folder, "backup.db"));
  await store.log.append([{ channel: "room:tea", from: alice, text: "two" }]);
  for (const name of ["halley.db", "halley.db-wal"]) {
    Deno.copyFileSync(join(elsewhere.path, name), join(folder, name));
  }
}

/** The texts in a database; `undefined` if there is none. */
async function sentIn(path: string): Promise<readonly (string | undefined)[] | undefined> {
  if (!await Deno.stat(path).then(() => true, () => false)) return undefined;
  await using store = SqliteStore.open(path, KEEP_ALL);
  return texts(await store.log.read(["room:tea"], 0, 10));
}

powerTest(
  "[O23] whenever the power is cut during a restore, the store is the old or the new one, complete",
  async () => {
    const random = new SeededRandom(7, "restore");
    let [cuts, hasEnded] = [0, false];

    for (let countdown = 1; !hasEnded; countdown += STEP, cuts++) {
      await using machine = new Machine({ STORE: "sqlite:halley.db" });
      await makeFiles(machine.root);
      hasEnded = await machine.run(countdown, "restore", "backup.db");
      await machine.lose(random);

      const store = await sentIn(join(machine.root, "halley.db"));
      const isNew = store?.length === 1;
      assertEquals(store, isNew ? ["one"] : ["one", "two"], `cut at ${countdown}`);
      if (isNew) {
        const kept = await sentIn(join(machine.root, "halley.db.replaced"));
        assertEquals(kept, ["one", "two"], `cut at ${countdown}`);
      }
      // What was reported as done is done.
      if (hasEnded) assertEquals(isNew, true);
    }

    assertGreaterOrEqual(cuts * STEP, 30);
  },
);

powerTest("[O23] a backup that was reported as done survives a power cut", async () => {
  for (const seed of [1, 2, 3]) {
    await using machine = new Machine({ STORE: "sqlite:halley.db" });
    await makeFiles(machine.root);

    await machine.run(0, "backup", "new.db");
    await machine.lose(new SeededRandom(seed, "backup"));

    assertEquals(await sentIn(join(machine.root, "new.db")), ["one", "two"]);
  }
});
