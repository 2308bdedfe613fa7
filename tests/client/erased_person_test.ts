import { signal } from "@preact/signals";
import { assertEquals } from "@std/assert";
import { Conversation } from "../../client/ui/state/conversation.ts";
import { Names } from "../../client/ui/state/names.ts";
import { Outbox } from "../../client/ui/state/outbox.ts";
import { MemoryOutboxStore } from "../../client/ui/storage/outbox_store.ts";
import { memoryValue } from "../../client/ui/storage/stored_value.ts";
import { bob, message, openReader } from "./support/reader.ts";
import { openServer } from "./support/scripted_server.ts";
import { SETTINGS } from "./support/server_settings.ts";

const channel = "direct:alice:bob";
const self = { publicToken: "alice", displayName: "alice" };

Deno.test("[U98] a direct conversation loses the name of a person who was erased, and not when a message is deleted", async () => {
  await using server = await openServer();
  using client = openReader(server);
  const store = new MemoryOutboxStore();
  using outbox = new Outbox({
    client,
    store: Promise.resolve(store),
    journal: memoryValue(),
    settings: signal(SETTINGS),
    onSent: () => {},
  });
  const names = new Names(self);
  const deps = { client, self, outbox, names, drafts: memoryValue<never>(), onRead: () => {} };
  const direct = new Conversation({ channel }, deps);
  direct.add([{ ...message(4, "secret"), channel }]);

  direct.change({ id: 4, channel, from: bob, at: 1, deletedAt: 2 });
  assertEquals(direct.other.value, bob);
  direct.change({ id: 4, channel, at: 1, deletedAt: 2 });

  assertEquals(direct.other.value, undefined);
  assertEquals(direct.otherHasEnded.value, true);
});
