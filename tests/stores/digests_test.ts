import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Draft } from "../../server/core/model/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import type { Appended } from "../../server/core/model/store.ts";
import { DraftDigests } from "../../server/stores/digests.ts";
import { SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { TestFolder } from "../support/test_folder.ts";

const alice = { publicToken: "aliceAliceAlice_", displayName: "alice" };

async function append(path: string, draft: Draft): Promise<Appended | undefined> {
  await using store = SqliteStore.open(path, KEEP_ALL);
  return (await store.log.append([draft]))[0];
}

for (
  const [version, content] of [
    ["", '["room:tea",null,null,{"b":1,"a":2}]'],
    ["2.", '["room:tea",null,null,{"a":2,"b":1}]'],
  ] as const
) {
  Deno.test(`[L6] a key whose digest an earlier version stored is still known (${version}…)`, async () => {
    using folder = TestFolder.make();
    const path = join(folder.path, "halley.db");
    const draft: Draft = { channel: "room:tea", from: alice, data: { b: 1, a: 2 }, key: "k" };
    await append(path, draft);
    {
      using database = new DatabaseSync(path);
      const digest = createHash("sha256").update(content).digest("hex");
      database.prepare("UPDATE keys SET digest = ?").run(`${version}${digest}`);
    }

    const again = await append(path, draft);

    assertEquals(again?.repeated, true);
    const other = { ...draft, data: { b: 1, a: 3 } };
    await assertRejects(() => append(path, other), Refused);
  });
}

Deno.test("[L28] the digest of a text differs from one deployment to the other", () => {
  const draft: Draft = { channel: "room:tea", from: alice, text: "yes", key: "k" };
  const sha256 = createHash("sha256").update('["room:tea",null,"yes",null]').digest("hex");

  const [one, other] = ["one", "other"].map((salt) => new DraftDigests(salt).of(draft));

  assertNotEquals(one, other);
  assert(!one?.includes(sha256));
});
