import { assertEquals } from "@std/assert";
import { BanRecords, partOf } from "../../server/core/sessions/ban_records.ts";
import { asAdmin, ban, bans } from "../support/bans.ts";
import { Chat } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { expectRefusal } from "../support/problem.ts";
import { requestsFrom, signIn } from "../support/requests_from.ts";

Deno.test("[R45] bans are listed with what they say, the newest first, in pages", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const requests = [
    { session: alice.publicToken, reason: "spam" },
    { user: "42", duration: 60_000 },
    { address: "2001:db8:0:1::5" },
  ];
  for (const request of requests) {
    await ban(chat, request);
    await clock.pass(1_000);
  }

  const first = await bans(chat, "?limit=2");
  const second = await bans(chat, `?limit=2&after=${encodeURIComponent(first.next ?? "")}`);

  const at = Date.UTC(2026, 0, 1);
  const by = "api:adminer";
  assertEquals(first.bans, [
    { kind: "address", id: "2001:db8:0:1::/64", at: at + 2_000, by },
    { kind: "user", id: "42", at: at + 1_000, by, until: at + 61_000 },
  ]);
  assertEquals(second, {
    bans: [
      { kind: "session", id: alice.publicToken, at, by, reason: "spam", displayName: "alice" },
    ],
    total: 3,
  });
  await ban(chat, { user: "42", reason: "again" });
  assertEquals((await bans(chat)).bans[0]?.reason, "again");
  assertEquals((await bans(chat)).total, 3);
});

Deno.test("[R45] a ban that has ended is removed from the store by a sweep", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  await ban(chat, { user: "42", duration: 60_000 });
  const stored = () => new BanRecords(chat.test.store.keyValue);
  const key = await chat.test.hub.sessions.tokenOf("42");
  assertEquals((await stored().read(partOf(key))).length, 1);

  await clock.pass(60_000);
  const sweeping = chat.test.hub.sweep();
  await clock.pass(1_000);
  await sweeping;

  assertEquals(await stored().read(partOf(key)), []);
});

Deno.test("[R46] beyond 10,000 bans there are no more, and a ban can still be replaced", async () => {
  await using chat = await Chat.open();
  const { keyValue } = chat.test.store;
  const byPart = new Map<number, unknown[]>();
  for (let n = 0; n < 10_000; n++) {
    const id = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    const bits = id.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join("");
    const key = `4:${bits}`;
    const list = byPart.get(partOf(key)) ?? [];
    byPart.set(partOf(key), [...list, { kind: "address", id, key, at: n, by: "api:boss" }]);
  }
  for (const [part, list] of byPart) await keyValue.set(`bans ${part}`, JSON.stringify(list));
  await keyValue.set("bans", "full");
  await chat.test.hub.sweep();

  const more = asAdmin(chat, "POST", "", { address: "203.0.113.7" });
  await expectRefusal(more, 409, "too_many_bans");
  const again = await asAdmin(chat, "POST", "", { address: "10.0.0.7", reason: "again" });

  assertEquals(again.status, 201);
  assertEquals((await bans(chat)).total, 10_000);
  await expectRefusal(signIn(requestsFrom("10.0.39.15"), chat), 403, "banned");
});
