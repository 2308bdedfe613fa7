/**
 * The reference that Halley is compared with: a Hono app that only parks polls. It has no ordering, no store, no presence, no
 * handling of clients that leave, and no limits. The difference is the cost of Halley's guarantees.
 *
 * It implements the part of Halley's API that the load generator uses. A poll without channels reads the session's inbox.
 *
 * @module
 */

import { Hono } from "hono";
import type { PollRequest, SendRequest, SignInRequest } from "../../server/protocol/requests.ts";

/** Number of recent messages per channel, for readers that are between two polls. */
const RECENT = 4096;
/** Maximum number of messages in a reply, as in Halley. */
const REPLY_LIMIT = 100;

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

interface Channel {
  recent: { readonly id: number; readonly json: string }[];
  parked: ((reply: string) => void)[];
  /** Cached replies to readers that are behind, by cursor. */
  replies: Map<number, string>;
}

const inboxes = new Map<string, string>();
const channels = new Map<string, Channel>();
let newest = 0;

const app = new Hono();

app.get("/ready", (c) => c.text("ready"));

app.post("/api/sessions", async (c) => {
  const { displayName } = await c.req.json<SignInRequest>();
  const publicToken = crypto.randomUUID();
  const privateToken = crypto.randomUUID();
  inboxes.set(privateToken, `direct:${publicToken}`);
  return c.json({ publicToken, privateToken, displayName }, 201);
});

app.post("/api/poll", async (c) => {
  const inbox = inboxes.get(bearer(c.req.header("authorization")));
  if (inbox === undefined) return c.body(null, 401);
  const poll = await c.req.json<PollRequest>();
  if (poll.cursor === undefined) return c.body(replyWith([], newest), 200, HEADERS);
  const channel = channelNamed(poll.channels?.[0] ?? inbox);
  const reply = replyAfter(channel, Number(poll.cursor)) ??
    await new Promise<string>((resolve) => channel.parked.push(resolve));
  return c.body(reply, 200, HEADERS);
});

app.post("/api/messages", async (c) => {
  if (!inboxes.has(bearer(c.req.header("authorization")))) return c.body(null, 401);
  const message = await c.req.json<SendRequest>();
  const channel = channelNamed(message.channel);
  const id = ++newest;
  channel.recent.push({ id, json: JSON.stringify({ id, ...message, at: Date.now() }) });
  if (channel.recent.length > 2 * RECENT) channel.recent = channel.recent.slice(-RECENT);
  channel.replies.clear();
  wake(channel);
  return c.json({ id }, 201);
});

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT")),
  tcpBacklog: 4096,
  onListen: () => {},
}, app.fetch);

function bearer(header: string | undefined): string {
  return header?.slice("Bearer ".length) ?? "";
}

function channelNamed(name: string): Channel {
  let channel = channels.get(name);
  if (channel === undefined) {
    channel = { recent: [], parked: [], replies: new Map() };
    channels.set(name, channel);
  }
  return channel;
}

function wake(channel: Channel): void {
  const parked = channel.parked;
  channel.parked = [];
  const message = channel.recent.at(-1);
  if (message === undefined) return;
  const reply = replyWith([message.json], message.id);
  for (const resolve of parked) resolve(reply);
}

function replyAfter(channel: Channel, cursor: number): string | undefined {
  const newestHere = channel.recent.at(-1);
  if (newestHere === undefined || newestHere.id <= cursor) return undefined;
  const known = channel.replies.get(cursor);
  if (known !== undefined) return known;
  const start = channel.recent.findLastIndex((message) => message.id <= cursor) + 1;
  const missed = channel.recent.slice(start, start + REPLY_LIMIT);
  const reply = replyWith(missed.map((message) => message.json), missed.at(-1)?.id ?? cursor);
  channel.replies.set(cursor, reply);
  return reply;
}

function replyWith(messages: readonly string[], cursor: number): string {
  const outcome = messages.length > 0 ? "message" : "timedout";
  return `{"outcome":"${outcome}","cursor":"${cursor}","messages":[${messages.join()}],` +
    `"signals":[],"gap":false,"retryAfter":0}`;
}
