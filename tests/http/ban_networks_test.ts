import { assertEquals } from "@std/assert";
import { ban } from "../support/bans.ts";
import { Chat, KEYS, type TestUser } from "../support/chat.ts";
import { settle } from "../support/clock.ts";
import { TestHub } from "../support/hub.ts";
import { openLimits } from "../support/limits.ts";
import { expectRefusal } from "../support/problem.ts";
import { waitUntil } from "../support/wait_until.ts";
import { requestsFrom, signIn } from "../support/requests_from.ts";

for (
  const [what, banned, inside, outside] of [
    ["an IPv4 address", "203.0.113.7", "203.0.113.7", "203.0.113.8"],
    ["a network", "203.0.113.99/24", "203.0.113.200", "203.0.114.1"],
    ["an IPv6 address", "2001:db8:0:1::5", "2001:db8:0:1:ffff::1", "2001:db8:0:2::5"],
    ["an IPv6 network", "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"],
    ["an IPv4-mapped address", "::ffff:203.0.113.7", "203.0.113.7", "203.0.113.8"],
  ] as const
) {
  Deno.test(`[R43] a ban of ${what} refuses sign-ins and requests from there, and no others`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");
    await ban(chat, { address: banned });
    const headers = { authorization: `Bearer ${alice.privateToken}` };

    await expectRefusal(signIn(requestsFrom(inside), chat), 403, "banned");
    for (const path of ["/api/transfers", "/api/transfers/preview"]) {
      const transfer = requestsFrom(inside)(chat, path, { method: "POST" });
      await expectRefusal(transfer, 403, "banned");
    }
    await expectRefusal(requestsFrom(inside)(chat, "/api/session", { headers }), 403, "banned");
    assertEquals((await signIn(requestsFrom(outside), chat)).status, 201);
    const asked = await requestsFrom(outside)(chat, "/api/session", { headers });
    assertEquals(asked.status, 200);
  });
}

Deno.test("[R43] a ban of an address ends the polls from there, whatever the limits are", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await alice.poll();
  const park = ({ privateToken }: TestUser, address: string) =>
    requestsFrom(address)(chat, "/api/poll", {
      method: "POST",
      headers: { authorization: `Bearer ${privateToken}`, "content-type": "application/json" },
      body: JSON.stringify({ cursor }),
    });
  const [banned, other] = [park(alice, "203.0.113.7"), park(bob, "203.0.113.8")];
  await settle();

  await ban(chat, { address: "203.0.113.7", reason: "flood" });

  await expectRefusal(banned, 403, "banned");
  assertEquals(chat.test.hub.parked, 1);
  await bob.request("DELETE", "/api/session");
  await other;
});

Deno.test("[R55] a ban of an address ends the presence of the tabs there at once, on all nodes", async () => {
  await using chat = await Chat.open();
  const second = await TestHub.open({}, chat.test.store);
  await using _ = second.hub;
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await (await alice.request("POST", "/api/poll", {})).json();
  const park = ({ privateToken }: TestUser, tab: string, address: string) =>
    requestsFrom(address)(chat, "/api/poll", {
      method: "POST",
      headers: { authorization: `Bearer ${privateToken}`, "content-type": "application/json" },
      body: JSON.stringify({ cursor, tab, channels: [`room:${tab}`] }),
    });
  // The presence of whoever comes later answers earlier polls.
  const polls = [
    park(bob, "tea", "203.0.113.8"),
    park(alice, "milk", "203.0.113.8"),
    park(alice, "tea", "203.0.113.7"),
  ];
  await settle();
  const present = async (room: string) => {
    const reply = await bob.request("GET", `/api/channels/room:${room}/presence`);
    const { present } = await reply.json();
    return present.map(({ displayName }: { displayName: string }) => displayName).sort();
  };
  assertEquals([await present("tea"), await present("milk")], [["alice", "bob"], ["alice"]]);

  await ban(Chat.over(second), { address: "203.0.113.7" });

  await waitUntil(async () => (await present("tea")).length === 1, "alice is not present any more");
  assertEquals([await present("tea"), await present("milk")], [["bob"], ["alice"]]);
  for (const user of [alice, bob]) await user.request("DELETE", "/api/session");
  await Promise.all(polls);
});

Deno.test("[R60] a ban of an address ends the presence of a tab that is between two polls, too", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const poll = ({ privateToken }: TestUser, address: string) =>
    requestsFrom(address)(chat, "/api/poll", {
      method: "POST",
      headers: { authorization: `Bearer ${privateToken}`, "content-type": "application/json" },
      body: JSON.stringify({ tab: "one", channels: ["room:tea"] }),
    });
  await (await poll(alice, "203.0.113.7")).json();
  await (await poll(bob, "203.0.113.8")).json();
  const present = async () => {
    const reply = await bob.request("GET", "/api/channels/room:tea/presence");
    const { present } = await reply.json();
    return present.map(({ displayName }: { displayName: string }) => displayName).sort();
  };
  assertEquals([await present(), chat.test.hub.parked], [["alice", "bob"], 0]);

  await ban(chat, { address: "203.0.113.7" });
  await settle();

  assertEquals(await present(), ["bob"]);
});

Deno.test("[R43] a ban of an address never concerns requests with an API key", async () => {
  await using chat = await Chat.open({ limits: openLimits({ TRUST_PROXY: "1" }).limits });
  await ban(chat, { address: "203.0.113.7" });
  const request = requestsFrom("127.0.0.1", "203.0.113.7");
  const headers = (key: string) => ({
    authorization: `Bearer ${key}`,
    "content-type": "application/json",
  });

  const listed = await request(chat, "/api/admin/bans", { headers: headers(KEYS.admin) });
  const body = JSON.stringify({});
  const init = { method: "POST", headers: headers(KEYS.read), body };
  const polled = await request(chat, "/api/poll", init);
  const query = "/api/admin/bans?address=203.0.113.7";
  const lifted = await request(chat, query, { method: "DELETE", headers: headers(KEYS.admin) });

  assertEquals([listed.status, polled.status, lifted.status], [200, 200, 204]);
});

Deno.test("[R49] the list of sessions has the address of each parked poll", async () => {
  await using chat = await Chat.open();
  const bob = await chat.signIn("bob");
  const { cursor } = await bob.poll({ tab: "x" });
  const parked = requestsFrom("203.0.113.7")(chat, "/api/poll", {
    method: "POST",
    headers: { authorization: `Bearer ${bob.privateToken}`, "content-type": "application/json" },
    body: JSON.stringify({ cursor, tab: "x" }),
  });
  await settle();

  const listed = await chat.app.request("/api/admin/sessions", {
    headers: { authorization: `Bearer ${KEYS.admin}` },
  });

  const { sessions: [session] } = await listed.json();
  assertEquals(session.tabs[0].address, "203.0.113.7");
  await bob.request("DELETE", "/api/session");
  await parked;
});
