import { signIn } from "../../../client/comet/api.ts";
import { isFinal, retryAfterOf } from "../../../client/comet/halley_error.ts";
import { delay } from "../../base/delay.ts";
import { errorMessage } from "../../base/error_message.ts";
import type { SignedIn } from "../../protocol/replies.ts";
import { CommandError } from "../command_error.ts";
import { ClientReader } from "./client_reader.ts";
import type { Reader, RunContext } from "./run_context.ts";
import { type Pacer, Sender } from "./sender.ts";
import { StrictReader } from "./strict_reader.ts";

/** The readers and senders of a run. */
export interface Participants {
  readonly readers: readonly Reader[];
  readonly senders: readonly Sender[];
}

/** How many participants there are, and how many messages per second they send. */
export interface ParticipantsOptions {
  readonly readers: number;
  readonly senders: number;
  readonly rate: number;
  readonly pacer: Pacer;
}

/** Maximum number of rooms, and how many of them each reader reads and each sender writes to. */
const ROOMS = { max: 30, perReader: 3, perSender: 4 } as const;

/** Number of users to whom each sender writes direct messages. */
const DIRECT_PER_SENDER = 2;

/** Number of readers per session: one uses the client library, the other is strict. */
const TABS = 2;

/** How long polls are held, in ms: so short that many of them time out. */
const HOLD = 3_000;

/** Maximum number of concurrent sign-ins. */
const SIGN_IN_BATCH = 10;

/** Attempts to sign in while the server does not respond. */
const SIGN_IN_TRIES = 5;

/** Signs all participants in, and assigns their channels. Throws a `CommandError`. */
export async function createParticipants(
  { readers, senders, rate, pacer }: ParticipantsOptions,
  context: RunContext,
): Promise<Participants> {
  const users = await signInAll("reader", Math.ceil(readers / TABS), context);
  const writers = await signInAll("sender", senders, context);
  const rooms = nameRooms(Math.min(ROOMS.max, readers, senders * ROOMS.perSender));
  const assignments = writers.map((writer, n) => ({
    writer,
    rooms: cyclicSlice(rooms, n * ROOMS.perSender, ROOMS.perSender),
    recipients: cyclicSlice(users, n * DIRECT_PER_SENDER, DIRECT_PER_SENDER),
  }));
  const streams = assignments.flatMap(({ rooms, recipients }) => [...rooms, ...recipients]).length;
  const interval = 1_000 * streams / rate;
  return {
    readers: range(readers).flatMap((n) => {
      const user = users[Math.floor(n / TABS)];
      if (user === undefined) return [];
      const direct = assignments.filter(({ recipients }) => recipients.includes(user))
        .map(({ writer }) => directChannel(writer, user));
      const own = cyclicSlice(rooms, n * ROOMS.perReader, ROOMS.perReader);
      return createReader(n, user, { rooms: own, direct }, context);
    }),
    senders: assignments.map(({ writer, rooms, recipients }, n) => {
      const direct = recipients.map((recipient) => directChannel(writer, recipient));
      const { privateToken } = writer;
      const channels = [...rooms, ...direct];
      return new Sender({ name: `sender-${n}`, privateToken, channels, interval, pacer }, context);
    }),
  };
}

function createReader(
  n: number,
  { privateToken }: SignedIn,
  { rooms, direct }: { readonly rooms: readonly string[]; readonly direct: readonly string[] },
  context: RunContext,
): Reader {
  const reads = [...rooms, ...direct];
  const options = { privateToken, tab: `tab-${n}`, rooms, reads, hold: HOLD };
  return n % TABS === 0
    ? new ClientReader({ ...options, name: `client-${n}` }, context)
    : new StrictReader({ ...options, name: `strict-${n}` }, context);
}

async function signInAll(role: string, count: number, context: RunContext): Promise<SignedIn[]> {
  const signedIn: SignedIn[] = [];
  while (signedIn.length < count) {
    const batch = range(Math.min(SIGN_IN_BATCH, count - signedIn.length));
    signedIn.push(...await Promise.all(batch.map(() => signInWithRetry(`soak ${role}`, context))));
  }
  return signedIn;
}

async function signInWithRetry(displayName: string, { url }: RunContext): Promise<SignedIn> {
  for (let tries = 1;;) {
    try {
      return await signIn({ url, displayName });
    } catch (error) {
      const retryAfter = retryAfterOf(error);
      // A server with rate limits can ask any number of times to wait.
      const isGivenUp = isFinal(error) || retryAfter === 0 && tries++ === SIGN_IN_TRIES;
      if (isGivenUp) throw new CommandError(`Cannot sign in at the server: ${errorMessage(error)}`);
      await delay(retryAfter || 1_000);
    }
  }
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

function directChannel(one: SignedIn, other: SignedIn): string {
  return `direct:${[one.publicToken, other.publicToken].sort().join(":")}`;
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n);
}
