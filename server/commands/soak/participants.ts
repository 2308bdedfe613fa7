import { ClientReader } from "./client_reader.ts";
import { Leavers } from "./leavers.ts";
import type { OpenReader, Reader, RunContext } from "./run_context.ts";
import { type Pacer, Sender } from "./sender.ts";
import { StrictReader } from "./strict_reader.ts";
import type { SignIns, User } from "./users.ts";
import { type Seating, Visitors } from "./visitors.ts";

/** The readers and senders of a run. */
export interface Participants {
  readonly readers: readonly Reader[];
  readonly visitors: Visitors;
  readonly senders: readonly Sender[];
  readonly leavers: Leavers;
}

/** How many participants there are, how they sign in, and how many messages per second they send. */
export interface ParticipantsOptions {
  readonly signIns: SignIns;
  /** The API key that may erase people, of the run's own server. */
  readonly adminKey: string;
  readonly readers: number;
  readonly senders: number;
  readonly rate: number;
  readonly pacer: Pacer;
}

/** Maximum number of rooms, and how many of them each reader reads and each sender writes to. */
const ROOMS = { max: 30, perReader: 3, perSender: 4 } as const;

/** Number of users to whom each sender writes direct messages. */
const DIRECT_PER_SENDER = 2;

/** The readers of each user in turn: one uses the client library, the other is strict. */
const KINDS = [
  { name: "client", open: ClientReader.open },
  { name: "strict", open: StrictReader.open },
] as const satisfies readonly { name: string; open: OpenReader }[];

/** How long polls are held, in ms: so short that many of them time out. */
const HOLD = 3_000;

/** Maximum number of concurrent sign-ins. */
const SIGN_IN_BATCH = 10;

/** Signs all participants in, and assigns their channels. Throws a `CommandError`. */
export async function createParticipants(
  { signIns, adminKey, readers, senders, rate, pacer }: ParticipantsOptions,
  context: RunContext,
): Promise<Participants> {
  const signIn = (role: string) => () => signIns.signIn(context.url, `soak ${role}`);
  const users = await inBatches(Math.ceil(readers / KINDS.length), signIn("reader"));
  const writers = await inBatches(senders, signIn("sender"));
  const rooms = nameRooms(Math.min(ROOMS.max, readers, senders * ROOMS.perSender));
  const assignments = writers.map((writer, n) => ({
    writer,
    rooms: cyclicSlice(rooms, n * ROOMS.perSender, ROOMS.perSender),
    // All can be one user, who writes to nobody else.
    recipients: cyclicSlice(users, n * DIRECT_PER_SENDER, DIRECT_PER_SENDER)
      .filter(({ publicToken }) => publicToken !== writer.publicToken),
  }));
  const streams = assignments.flatMap(({ rooms, recipients }) => [...rooms, ...recipients]).length;
  const interval = 1_000 * streams / rate;
  const seatings = range(readers).flatMap((n): Seating[] => {
    const user = users[Math.floor(n / KINDS.length)];
    const kind = KINDS[n % KINDS.length];
    if (user === undefined || kind === undefined) return [];
    const direct = assignments.filter(({ recipients }) => recipients.includes(user))
      .map(({ writer }) => directChannel(writer, user));
    const own = cyclicSlice(rooms, n * ROOMS.perReader, ROOMS.perReader);
    return [{
      user,
      open: kind.open,
      name: kind.name,
      rooms: own,
      reads: [...own, ...direct],
      hold: HOLD,
    }];
  });
  return {
    readers: await Promise.all(seatings.map(({ open, name: kind, reads, ...seat }, n) => {
      const name = `${kind}-${n}`;
      const record = context.checker.addReader(name, reads);
      return open({ ...seat, name, record, tab: `tab-${n}` }, context);
    })),
    visitors: new Visitors(seatings, context),
    leavers: new Leavers({ signIns, adminKey, rooms, pacer }, context),
    senders: await Promise.all(assignments.map(({ writer, rooms, recipients }, n) => {
      const direct = recipients.map((recipient) => directChannel(writer, recipient));
      const channels = [...rooms, ...direct];
      return Sender.open({ name: `sender-${n}`, user: writer, channels, interval, pacer }, context);
    })),
  };
}

async function inBatches<T>(count: number, make: () => Promise<T>): Promise<readonly T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const size = Math.min(SIGN_IN_BATCH, count - made.length);
    made.push(...await Promise.all(range(size).map(make)));
  }
  return made;
}

/** Names that no other run uses, so that other messages do not interfere. */
function nameRooms(count: number): readonly string[] {
  const run = crypto.randomUUID().slice(0, 8);
  return range(count).map((n) => `room:soak-${run}-${n}`);
}

/** `count` items from `start` on, continuing at the beginning after the last; each at most once. */
function cyclicSlice<T>(items: readonly T[], start: number, count: number): readonly T[] {
  const found = range(count).flatMap((n) => items[(start + n) % items.length] ?? []);
  return [...new Set(found)];
}

function directChannel(one: User, other: User): string {
  return `direct:${[one.publicToken, other.publicToken].sort().join(":")}`;
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n);
}
