import { assertEquals } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import type { Store } from "../../server/core/model/store.ts";
import type { AuditReply } from "../../server/protocol/moderation_replies.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { TestHub } from "../support/hub.ts";
import { KEEP_ALL } from "../support/retention.ts";

async function send(chat: Chat, method: string, path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${KEYS.admin}` };
  const response = await chat.app.request(path, { method, headers });
  await response.text();
  return response;
}

Deno.test("[J50] what is done while the list cannot be stored is done, and listed later with its time", async () => {
  using clock = stopClock();
  await using test = await TestHub.open({}, brokenStore());
  const chat = Chat.over(test);
  const { publicToken } = await chat.signIn("alice");
  await send(chat, "GET", "/api/export?room=tea");

  isBroken = true;
  const kick = await send(chat, "DELETE", `/api/sessions/${publicToken}`);
  await clock.pass(30_000);
  isBroken = false;
  await send(chat, "GET", "/api/export?room=milk");

  assertEquals(kick.status, 204);
  const headers = { authorization: `Bearer ${KEYS.admin}` };
  const listed = await chat.app.request("/api/admin/audit", { headers });
  const { entries }: AuditReply = await listed.json();
  assertEquals(entries.map(({ action }) => action), ["export", "kick", "export"]);
  const [last = 0, middle, first = 0] = entries.map(({ at }) => at);
  assertEquals([middle, last], [first, first + 30_000]);
});

Deno.test("[J50] a sweep stores what waits, and of more than 1,000 entries the newest", async () => {
  await using test = await TestHub.open({}, brokenStore());
  const { audit } = test.hub;
  const record = (n: number) =>
    audit.record({ by: "api:boss", action: "export", kind: "room", target: `r${n}` });
  isBroken = true;
  for (let n = 0; n < 1_010; n++) await record(n);
  isBroken = false;

  await test.hub.sweep();

  assertEquals(await test.store.keyValue.get("audit 0") !== undefined, true);
  const { entries } = await audit.list({ limit: 2_000 });
  assertEquals(entries.map(({ target }) => target).slice(-1), ["r10"]);
  assertEquals(entries.length, 1_000);
});

/** Whether the list cannot be stored. */
let isBroken = false;

/** A store that cannot store the list while `isBroken`. */
function brokenStore(): Store {
  const store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const { log, sessions, receipts, keyValue, queue, bus } = store;
  const check = (name: string) => {
    if (!isBroken || !name.startsWith("audit")) return;
    throw new Refused("store_unavailable", "The disk is full");
  };
  return {
    ...{ log, sessions, receipts, queue, bus },
    unavailableReason: undefined,
    keyValue: {
      get: async (name) => {
        check(name);
        return await keyValue.get(name);
      },
      set: (name, value) => keyValue.set(name, value),
      replace: (name, before, after) => keyValue.replace(name, before, after),
      remove: (name) => keyValue.remove(name),
      acquireLease: (name, holder, length) => keyValue.acquireLease(name, holder, length),
      releaseLease: (name, holder) => keyValue.releaseLease(name, holder),
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
