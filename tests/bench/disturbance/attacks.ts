import { type Account, LARGE, ROOMS, type Seed } from "./seed.ts";

/** A request of an attack. */
export interface AttackRequest {
  readonly method: string;
  readonly path: string;
  readonly account?: Account;
  readonly body?: unknown;
}

/** A kind of requests that the limits allow, sent over and over. */
export interface Attack {
  readonly title: string;
  /** Number of requests at the same time. */
  readonly connections: number;
  /** The n-th request. */
  readonly request: (seed: Seed, n: number) => AttackRequest;
}

/** The name of an attack. */
export type AttackName = keyof typeof ATTACKS;

const POLL_ROOMS = ROOMS.slice(0, 256);
const LONG_NAME = "a" + "\u0301".repeat(15_000) + "\u0323".repeat(15_000);
const NESTED = JSON.parse("[".repeat(99) + "0,".repeat(32_499) + "0" + "]".repeat(99));

/** The attacks of one client, at one address, within its limits. */
export const ATTACKS = {
  none: attack("nothing", 0, (_, seed) => get("/session", seed.attackers[0])),
  names: attack("sign-ins with 30,000 combining marks", 4, () => signIn(LONG_NAME)),
  signIns: attack("sign-ins", 24, () => signIn("mallory")),
  conversations: attack(
    "lists of 500 conversations",
    24,
    (_, { attackers }) => get("/conversations", attackers[0]),
  ),
  foreign: attack(
    "polls of 256 rooms, cursor of another epoch",
    8,
    (n, { attackers }) => poll(attackers[0], n, { cursor: "other.1", channels: POLL_ROOMS }),
  ),
  old: attack(
    "polls of 256 rooms, old cursor",
    8,
    (n, seed) => poll(seed.attackers[0], n, { cursor: `${seed.epoch}.0`, channels: POLL_ROOMS }),
  ),
  oldLarge: attack(
    "polls of 64 KiB messages, old cursor",
    8,
    (n, seed) => poll(seed.attackers[0], n, { cursor: `${seed.epoch}.0`, channels: [LARGE] }),
  ),
  oldMany: attack(
    "the same with 50 sessions",
    50,
    (n, seed) => poll(anyOf(seed, n), n, { cursor: `${seed.epoch}.0`, channels: [LARGE] }),
  ),
  legacy: attack("legacy polls, old position", 24, (n, seed) => ({
    method: "GET",
    path: `/ChatHandler.ashx?lastMessageId=1000&privateToken=${anyOf(seed, n).privateToken}`,
  })),
  history: attack(
    "history of 64 KiB messages",
    24,
    (_, { attackers }) => get(`/channels/${LARGE}/messages?limit=100`, attackers[0]),
  ),
  historyMany: attack(
    "the same with 50 sessions",
    50,
    (n, seed) => get(`/channels/${LARGE}/messages?limit=100`, anyOf(seed, n)),
  ),
  nested: attack("sends of 99 nested arrays", 8, (n, { attackers }) => ({
    method: "POST",
    path: "/api/messages",
    account: attackers[0]!,
    body: { channel: ROOMS[n % ROOMS.length], data: NESTED },
  })),
  sybils: attack("polls of 256 rooms of their own by 50 sessions", 50, (n, seed) => {
    const channels = Array.from({ length: 256 }, (_, room) => `room:${n % 50}-${room}`);
    return poll(anyOf(seed, n), 0, { channels });
  }),
  changing: attack("polls of 256 other rooms each time", 8, (n, seed) => {
    const channels = Array.from({ length: 256 }, (_, room) => `room:${n}-${room}`);
    return poll(seed.attackers[0], 0, { channels });
  }),
  signals: attack("typing in 500 rooms", 24, (n, { attackers }) => ({
    method: "POST",
    path: "/api/signals",
    account: attackers[0]!,
    body: { channel: ROOMS[n % ROOMS.length], type: "typing" },
  })),
  strangers: attack("direct messages of 50 sessions to the reader", 24, (n, seed) => ({
    method: "POST",
    path: "/api/messages",
    account: anyOf(seed, n),
    body: { channel: `direct:${seed.reader.publicToken}`, text: "buy!" },
  })),
} as const satisfies Record<string, Attack>;

function attack(
  title: string,
  connections: number,
  request: (n: number, seed: Seed) => AttackRequest,
): Attack {
  return { title, connections, request: (seed, n) => request(n, seed) };
}

function signIn(displayName: string): AttackRequest {
  return { method: "POST", path: "/api/sessions", body: { displayName } };
}

function get(path: string, account: Account | undefined): AttackRequest {
  return { method: "GET", path: `/api${path}`, ...(account && { account }) };
}

/** A poll that is answered at once, of one of eight tabs. */
function poll(account: Account | undefined, n: number, body: Record<string, unknown>) {
  return {
    method: "POST",
    path: "/api/poll",
    ...(account && { account }),
    body: { tab: `t${n % 8}`, hold: 0, ...body },
  };
}

function anyOf({ attackers }: Seed, n: number): Account {
  return attackers[n % attackers.length]!;
}
