import type { Person } from "../../protocol/message.ts";
import type { Limit } from "../../protocol/refusal.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Session } from "../../core/model/session.ts";
import { monotonicNow, type MonotonicTime } from "../../base/clock.ts";
import { type Arrival, ClientAddresses } from "./client_address.ts";
import type { LimitName, LimitSettings } from "./limit_settings.ts";
import { RecentMap } from "./recent_map.ts";
import { FULL, TokenBucket } from "./token_bucket.ts";

/** What a session asks for. */
export type RequestKind = "polls" | "sends" | "calls";

/** The limits that count for what a session asks for. */
const LIMITS_OF = {
  polls: { session: "polls-per-session", address: "polls-per-address" },
  sends: { session: "sends-per-session", address: "sends-per-address" },
  calls: { session: "calls-per-session", address: "calls-per-address" },
} as const;

/** What is kept of whom: for each limit that was met with, when its bucket is full. */
type Account = Partial<Record<LimitName, MonotonicTime>>;

/** What is kept of a session, beside its buckets: what it has not been charged to its address yet. */
interface SessionAccount extends Record<RequestKind, MonotonicTime> {
  readonly uncharged: Record<RequestKind, number>;
}

/** So many requests of a session are charged to its address together: to find out an address is dear. */
const BATCH: Readonly<Record<RequestKind, number>> = { polls: 16, sends: 4, calls: 1 };

/** At most twice so many addresses are remembered. */
const ADDRESSES = 32_768;

/** Limits how often one may ask: each session, each address and each API key. */
export class Limits {
  readonly #settings: LimitSettings;
  readonly #onLimited: (limit: LimitName, network: string | undefined) => void;
  readonly #addresses: ClientAddresses;
  readonly #buckets: ReadonlyMap<LimitName, TokenBucket>;
  // A session that is forgotten takes its account along. It is one by its person, whichever of its tokens it bears.
  readonly #sessions = new WeakMap<Person, SessionAccount>();
  readonly #networks = new RecentMap<string, Account>(ADDRESSES, () => ({}));
  readonly #keys = new Map<string, Account>();
  readonly #everybody: Account = {};

  /** `onLimited` is told of each request that is refused; `onUntrusted` of each `X-Forwarded-For` that counts nothing. */
  constructor(settings: LimitSettings, { onLimited, onUntrusted }: {
    onLimited: (limit: LimitName, network: string | undefined) => void;
    onUntrusted: () => void;
  }) {
    this.#settings = settings;
    this.#onLimited = onLimited;
    this.#addresses = new ClientAddresses(settings.trustedProxies, onUntrusted);
    this.#buckets = new Map(
      [...settings.rates].map(([name, rate]) => [name, new TokenBucket(rate)]),
    );
  }

  /** How many addresses are remembered. */
  get remembered(): number {
    return this.#networks.size;
  }

  /** The network that a request comes from, where limits by address count for it. */
  networkOf(arrival: Arrival): string | undefined {
    return this.#settings.isOn ? this.#addresses.of(arrival) : undefined;
  }

  /** Refuses with `too_many_requests` what a session, or those at its address, ask for too often. */
  checkSession(arrival: Arrival, session: Session, kind: RequestKind): void {
    if (!this.#settings.isOn) return;
    const account = this.#accountOf(session);
    // The session was seen just now: reading the clock again would cost as much as the rest of this.
    const now = session.seenAt;
    const names = LIMITS_OF[kind];
    const bucket = this.#bucketOf(names.session);
    const full = bucket.take(account[kind], now, 1);
    const waitTime = bucket.waitTime(full, now);
    if (waitTime > 0) throw this.#refusal(names.session, waitTime, undefined);
    const { uncharged } = account;
    if (uncharged[kind] + 1 < BATCH[kind]) uncharged[kind]++;
    else {
      this.#checkAddress(arrival, names.address, BATCH[kind], now);
      uncharged[kind] = 0;
    }
    // Last: what is refused for the address costs the session nothing.
    account[kind] = full;
  }

  /** Refuses with `too_many_requests` what is asked with an API key too often. */
  checkKey(name: string): void {
    if (!this.#settings.isOn) return;
    const account = this.#keys.get(name) ?? {};
    this.#keys.set(name, account);
    this.#take(account, "calls-per-key", 1, monotonicNow());
  }

  /** Refuses with `too_many_requests` who signs in too often. */
  checkSignIn(arrival: Arrival): void {
    if (!this.#settings.isOn) return;
    const now = monotonicNow();
    this.#checkAddress(arrival, "sign-ins-per-address", 1, now);
    this.#take(this.#everybody, "sign-ins", 1, now);
  }

  /** Refuses with `too_many_requests` requests of nobody that come too often. */
  checkAnonymous(arrival: Arrival): void {
    if (this.#settings.isOn) this.#checkAddress(arrival, "calls-per-address", 1, monotonicNow());
  }

  /** To be told of a token or key that is none. Refuses with `too_many_requests` where there were too many. */
  checkWrongToken(arrival: Arrival): void {
    if (this.#settings.isOn) {
      this.#checkAddress(arrival, "wrong-tokens-per-address", 1, monotonicNow());
    }
  }

  #accountOf({ person }: Session): SessionAccount {
    const known = this.#sessions.get(person);
    if (known !== undefined) return known;
    // The first request of each is charged at once: there may be very many sessions that ask once.
    const uncharged = { polls: BATCH.polls - 1, sends: BATCH.sends - 1, calls: 0 };
    const account = { polls: FULL, sends: FULL, calls: FULL, uncharged };
    this.#sessions.set(person, account);
    return account;
  }

  #checkAddress(arrival: Arrival, name: LimitName, count: number, now: MonotonicTime): void {
    const network = this.#addresses.of(arrival);
    if (network !== undefined) this.#take(this.#networks.of(network), name, count, now, network);
  }

  #take(
    account: Account,
    name: LimitName,
    count: number,
    now: MonotonicTime,
    network?: string,
  ): void {
    const bucket = this.#bucketOf(name);
    const full = bucket.take(account[name] ?? FULL, now, count);
    const waitTime = bucket.waitTime(full, now);
    // Who is refused pays nothing: who keeps asking is let in as soon as there is a token.
    if (waitTime > 0) throw this.#refusal(name, waitTime, network);
    account[name] = full;
  }

  #bucketOf(name: LimitName): TokenBucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new Error(`The limit "${name}" has no rate`);
    return bucket;
  }

  #refusal(name: LimitName, waitTime: number, network: string | undefined): Refused {
    this.#onLimited(name, network);
    const { quota, window } = this.#bucketOf(name).rate;
    const limit: Limit = { name, quota, window };
    const detail = `The limit "${name}" is passed: ${quota} in ${window} s`;
    return new Refused("too_many_requests", detail, Math.ceil(waitTime), limit);
  }
}
