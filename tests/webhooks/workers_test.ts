import { assertEquals } from "@std/assert";
import { RemoteChat } from "../support/remote_chat.ts";
import { ServerProcess } from "../support/server_process.ts";
import { waitUntil } from "../support/wait_until.ts";
import { messageIds, Receiver, SECRET } from "./receiver.ts";

/** With this many connections, the probability that one of two workers gets none is one in 32,768. */
const CONNECTIONS = 16;

Deno.test("[Z2] what tabs acknowledge at any worker is sent to the webhook once, as delivered", async () => {
  await using receiver = new Receiver();
  await using halley = await ServerProcess.start({
    settings: {
      ...{ STORE: "memory", WORKERS: "2", DRAIN_DELAY: "0", UNDELIVERED_AFTER: "3000" },
      ...{ WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET },
      WEBHOOK_EVENTS: "delivered,undelivered",
    },
  });
  using stack = new DisposableStack();
  const chats = Array.from({ length: CONNECTIONS }, () => stack.use(new RemoteChat(halley.url)));
  const alice = await chats[0]!.signIn("alice");
  const bob = await chats[0]!.signIn("bob");
  const tabs = chats.map((chat) => chat.user(bob));
  let { cursor } = await tabs[0]!.poll({ tab: "t", turn: 0 });
  const sent: number[] = [];

  // The reply and the poll that acknowledges it come by different connections.
  for (const [n, user] of tabs.entries()) {
    const said = await alice.say(`direct:${bob.publicToken}`, `${n}`);
    sent.push((await said.json()).id);
    ({ cursor } = await user.poll({ tab: "t", turn: n + 1, cursor }));
  }
  await tabs[0]!.poll({ tab: "t", turn: CONNECTIONS + 1, cursor, hold: 0 });

  const idsOf = (type: "delivered" | "undelivered") => messageIds(receiver.events(type));
  await waitUntil(() => idsOf("delivered").length >= sent.length, "all deliveries are posted");
  // By then, each message would count as undelivered.
  await waitUntil(async () => {
    const text = await (await chats[0]!.request("GET", "/metrics")).text();
    return /^halley_webhooks_waiting 0$/m.test(text);
  }, "nothing waits in the queue");
  assertEquals(idsOf("delivered").toSorted((one, other) => one - other), sent);
  assertEquals(idsOf("undelivered"), []);
});
