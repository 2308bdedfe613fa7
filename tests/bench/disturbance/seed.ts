import { startServer } from "../servers.ts";

/** A signed-in session. */
export interface Account {
  readonly publicToken: string;
  readonly privateToken: string;
}

/** What every attack finds in the store. */
export interface Seed {
  readonly epoch: string;
  /** Sessions of the attacker, at one address. The first one has 500 conversations. */
  readonly attackers: readonly Account[];
  /** Sends to room:tea in turn, so that none exceeds its limit. */
  readonly senders: readonly Account[];
  /** Reads room:tea; its deliveries are timed. */
  readonly reader: Account;
}

/** The attacker's rooms with messages: as many as a session can have conversations. */
export const ROOMS = Array.from({ length: 500 }, (_, n) => `room:r${n}`);

/** A room with large messages. */
export const LARGE = "room:large";

/** Number of the attacker's sessions. */
const ATTACKERS = 50;

const IN_ROOM = { messages: 20, text: "x".repeat(200) } as const;
const IN_LARGE = { messages: 150, data: "x".repeat(60_000) } as const;

/** Number of requests at the same time. */
const CONCURRENCY = 32;

/** Fills a new store without limits, and stops its server. */
export async function fillStore(store: string): Promise<Seed> {
  await using server = await startServer("halley", { STORE: store });
  const url = `http://127.0.0.1:${server.port}/api`;
  const request = async (method: string, path: string, account?: Account, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(account && { authorization: `Bearer ${account.privateToken}` }),
      },
      body: JSON.stringify(body ?? {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return text === "" ? {} : JSON.parse(text);
  };
  const signIn = (displayName: string): Promise<Account> =>
    request("POST", "/sessions", undefined, { displayName });
  const send = (account: Account, body: unknown) => request("POST", "/messages", account, body);

  const attackers = await Promise.all(
    Array.from({ length: ATTACKERS }, (_, n) => signIn(`mallory ${n}`)),
  );
  const senders = await Promise.all(["bob", "dave", "erin"].map(signIn));
  const [mallory, bob, reader] = [attackers[0]!, senders[0]!, await signIn("carol")];
  const { cursor } = await request("POST", "/poll", reader, { channels: [] });
  await inParallel(ROOMS, (room) => request("PUT", `/conversations/${room}`, mallory));
  for (let n = 0; n < IN_LARGE.messages; n++) {
    await send(bob, { channel: LARGE, data: IN_LARGE.data });
  }
  // Legacy pages read the home room.
  for (let n = 0; n < IN_LARGE.messages; n++) {
    await send(bob, { channel: "room:lobby", data: IN_LARGE.data });
  }
  const all = Array.from({ length: IN_ROOM.messages }, () => ROOMS).flat();
  await inParallel(all, (channel) => send(bob, { channel, text: IN_ROOM.text }));
  return { epoch: String(cursor).split(".")[0]!, attackers, senders, reader };
}

async function inParallel<T>(items: readonly T[], run: (item: T) => Promise<unknown>) {
  const left = [...items];
  const runners = Array.from({ length: CONCURRENCY }, async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await run(next);
  });
  await Promise.all(runners);
}
