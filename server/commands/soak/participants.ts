import { signIn } from "../../../client/comet/api.ts";
import type { SignedIn } from "../../protocol/replies.ts";
import { isFinal, retryAfterOf } from "../../../client/comet/halley_error.ts";
import { ClientReader } from "./client_reader.ts";
import { pause } from "./pause.ts";
import type { Reader } from "./reader.ts";
import { Sender } from "./sender.ts";
import { SoakError } from "./soak_error.ts";
import type { RunContext } from "./run_context.ts";
import { StrictReader } from "./strict_reader.ts";
import type { Pacer } from "./pacer.ts";

/** Who plays in a run. */
export interface Participants {
  readonly readers: readonly Reader[];
  readonly senders: readonly Sender[];
}

/** How many play, and how many messages are sent in a second. */
export interface ParticipantsOptions {
  readonly readers: number;
  readonly senders: number;
  readonly rate: number;
  readonly tempo: Pacer;
}

/** So many rooms are read by one reader, and written by one sender. With thirty rooms, a tenth of all read each. */
const ROOMS = { most: 30, read: 3, written: 4 } as const;

/** So many people are written to by one sender. */
const DIRECT = 2;

/** So many readers are tabs of one session: one uses the client library, the other is strict. */
const TABS = 2;

/** Polls are held for so long, in ms: short, so that many end by themselves. */
const HOLD = 3_000;

/** So many sign in at once. */
const AT_ONCE = 10;

/** Lets everybody sign in, and says who reads and writes what. */
export async function assemble(
  { readers, senders, rate, tempo }: ParticipantsOptions,
  stage: RunContext,
): Promise<Participants> {
  const people = await signInAll("reader", Math.ceil(readers / TABS), stage);
  const writers = await signInAll("sender", senders, stage);
  const rooms = nameRooms(Math.min(ROOMS.most, readers, senders * ROOMS.written));
  const written = writers.map((writer, n) => ({
    writer,
    rooms: some(rooms, n * ROOMS.written, ROOMS.written),
    people: some(people, n * DIRECT, DIRECT),
  }));
  const lanes = written.flatMap(({ rooms, people }) => [...rooms, ...people]).length;
  const interval = 1_000 * lanes / rate;
  return {
    readers: numbers(readers).flatMap((n) => {
      const person = people[Math.floor(n / TABS)];
      if (person === undefined) return [];
      const direct = written.filter(({ people }) => people.includes(person))
        .map(({ writer }) => directChannel(writer, person));
      return newReader(
        n,
        person,
        { rooms: some(rooms, n * ROOMS.read, ROOMS.read), direct },
        stage,
      );
    }),
    senders: written.map(({ writer, rooms, people }, n) => {
      const channels = [...rooms, ...people.map((person) => directChannel(writer, person))];
      const { privateToken } = writer;
      return new Sender({ name: `sender-${n}`, privateToken, channels, interval, tempo }, stage);
    }),
  };
}

function newReader(
  n: number,
  { privateToken }: SignedIn,
  { rooms, direct }: { readonly rooms: readonly string[]; readonly direct: readonly string[] },
  stage: RunContext,
): Reader {
  const options = {
    privateToken,
    tab: `tab-${n}`,
    rooms,
    reads: [...rooms, ...direct],
    hold: HOLD,
  };
  return n % TABS === 0
    ? new ClientReader({ ...options, name: `client-${n}` }, stage)
    : new StrictReader({ ...options, name: `strict-${n}` }, stage);
}

async function signInAll(role: string, count: number, stage: RunContext): Promise<SignedIn[]> {
  const signedIn: SignedIn[] = [];
  while (signedIn.length < count) {
    const group = numbers(Math.min(AT_ONCE, count - signedIn.length));
    signedIn.push(...await Promise.all(group.map(() => signInPatiently(`soak ${role}`, stage))));
  }
  return signedIn;
}

async function signInPatiently(displayName: string, { url }: RunContext): Promise<SignedIn> {
  for (let tries = 1;;) {
    try {
      return await signIn({ url, displayName });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const asked = retryAfterOf(error);
      // A server that says when to come back is not away; a server that has limits may say so many times.
      if (asked === 0 && tries++ === 5) throw new SoakError(`Cannot sign in: ${reason}`);
      if (isFinal(error)) throw new SoakError(`Cannot sign in: ${reason}`);
      await pause(asked || 1_000);
    }
  }
}

/** Names that no other run has: what others say is none of this one's business. */
function nameRooms(count: number): readonly string[] {
  const run = crypto.randomUUID().slice(0, 8);
  return numbers(count).map((n) => `room:soak-${run}-${n}`);
}

/** So many of them, each once, from a place on, and round again. */
function some<T>(from: readonly T[], start: number, count: number): readonly T[] {
  const found = numbers(count).flatMap((n) => from[(start + n) % from.length] ?? []);
  return [...new Set(found)];
}

function directChannel(one: SignedIn, other: SignedIn): string {
  return `direct:${[one.publicToken, other.publicToken].sort().join(":")}`;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n);
}
