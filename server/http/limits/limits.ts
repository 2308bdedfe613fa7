import { LONG_AGO, monotonicNow, type MonotonicTime } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { Throttle } from "../../base/throttle.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Session } from "../../core/model/session.ts";
import type { Person } from "../../protocol/message.ts";
import type { Limit } from "../../protocol/refusal.ts";
import { ClientAddresses, type IncomingRequest, siteOf } from "./client_address.ts";
import type { LimitName, LimitSettings } from "./limit_settings.ts";
import { TokenBucket } from "./token_bucket.ts";

/** The kinds of requests that sessions make. Each has its own limits. */
export type RequestKind = "polls" | "sends" | "calls";

const LIMITS = {
  polls: { session: "polls-per-session", address: "polls-per-address" },
  sends: { session: "sends-per-session", address: "sends-per-address" },
  calls: { session: "calls-per-session", address: "calls-per-address" },
} as const;

/** The state of a client: for each limit, when its bucket is full again. */
type Usage = Partial<Record<LimitName, MonotonicTime>>;

/** The state of a session: when its buckets are full again, and its requests that its address was not charged for. */
interface SessionUsage {
  readonly fullAt: Record<RequestKind, MonotonicTime>;
  readonly uncharged: Record<RequestKind, number>;
}

/**
 * Number of requests of one session that its address is charged for at once. Reading the address of a connection is
 * expensive compared with the rest of a poll.
 */
const BATCH: Readonly<Record<RequestKind, number>> = { polls: 16, sends: 4, calls: 1 };

/** A site with an IPv6 network of 48 bits may do as much as this number of networks of 64 bits. */
const NETWORKS_PER_SITE = 16;

/** Number of addresses that are remembered: this many at least, twice as many at most. */
const ADDRESSES = 32_768;

export interface LimitsEvents {
  /** Called for every request that exceeds a limit, with the client's network if the limit is per address. */
  readonly onLimited: (limit: LimitName, network: string | undefined) => void;
  /** Called for every `X-Forwarded-For` that is ignored because it does not come from a trusted proxy. */
  readonly onUntrusted: () => void;
}

/**
 * The rate limits per session, per address and per API key. `Authentication` checks every request of a session or key
 * here. All checks refuse with `too_many_requests`, and do nothing if limits are disabled.
 */
export class Limits {
  readonly #settings: LimitSettings;
  readonly #onLimited: LimitsEvents["onLimited"];
  readonly #addresses: ClientAddresses;
  readonly #buckets: ReadonlyMap<LimitName, TokenBucket>;
  // By person: one object per session for as long as the session is cached, whichever of its tokens is used.
  readonly #sessions = new WeakMap<Person, SessionUsage>();
  readonly #networks = new RecentMap<Usage>(ADDRESSES, () => ({}));
  readonly #keys = new Map<string, Usage>();
  readonly #everyone: Usage = {};

  constructor(settings: LimitSettings, { onLimited, onUntrusted }: LimitsEvents) {
    this.#settings = settings;
    this.#onLimited = onLimited;
    this.#addresses = new ClientAddresses(settings.trustedProxies, onUntrusted);
    this.#buckets = new Map(
      [...settings.rates].map(([name, rate]) => [name, new TokenBucket(rate)]),
    );
  }

  /** Number of addresses that are remembered. */
  get addressCount(): number {
    return this.#networks.size;
  }

  /** The network that a request comes from, if limits per address apply to it. */
  networkOf(request: IncomingRequest): string | undefined {
    return this.#settings.isOn ? this.#addresses.of(request) : undefined;
  }

  /** Counts a request of a session, for the session and for its address. Returns the session. */
  checkSession(request: IncomingRequest, session: Session, kind: RequestKind): Session {
    if (!this.#settings.isOn) return session;
    const { fullAt, uncharged } = this.#usageOf(session);
    // The time of authentication, a moment ago: reading the clock again would cost as much as the rest.
    const now = session.seenAt;
    const names = LIMITS[kind];
    const bucket = this.#bucketOf(names.session);
    const taken = bucket.take(fullAt[kind], now, 1);
    const waitTime = bucket.waitTime(taken, now);
    if (waitTime > 0) throw this.#refusal(names.session, waitTime, undefined);
    if (uncharged[kind] + 1 < BATCH[kind]) uncharged[kind]++;
    else {
      this.#checkAddress(request, names.address, BATCH[kind], now);
      uncharged[kind] = 0;
    }
    // Last, so that the session is not charged for a request that is refused because of its address.
    fullAt[kind] = taken;
    return session;
  }

  /**
   * Counts a request that is more expensive than others as `count` more requests of its session and its address, without
   * refusing it.
   */
  charge(
    request: IncomingRequest,
    session: Session,
    { kind, count }: { kind: RequestKind; count: number },
  ): void {
    if (!this.#settings.isOn || session.isApiKey) return;
    const now = monotonicNow();
    const { session: bySession, address } = LIMITS[kind];
    const { fullAt } = this.#usageOf(session);
    fullAt[kind] = this.#bucketOf(bySession).take(fullAt[kind], now, count);
    const network = this.#addresses.of(request);
    if (network === undefined) return;
    const bucket = this.#bucketOf(address);
    const add = (key: string, share: number) => {
      const usage = this.#networks.get(key);
      usage[address] = bucket.take(usage[address] ?? LONG_AGO, now, share);
    };
    add(network, count);
    const site = siteOf(network);
    if (site !== undefined) add(site, count / NETWORKS_PER_SITE);
  }

  /** Counts a request with an API key. */
  checkKey(name: string): void {
    if (!this.#settings.isOn) return;
    const usage = this.#keys.get(name) ?? {};
    this.#keys.set(name, usage);
    this.#take(usage, "calls-per-key", 1, monotonicNow());
  }

  /** Counts a sign-in. */
  checkSignIn(request: IncomingRequest): void {
    if (!this.#settings.isOn) return;
    const now = monotonicNow();
    this.#checkAddress(request, "sign-ins-per-address", 1, now);
    this.#take(this.#everyone, "sign-ins", 1, now);
  }

  /** Counts a request without a session. */
  checkAnonymous(request: IncomingRequest): void {
    if (!this.#settings.isOn) return;
    this.#checkAddress(request, "calls-per-address", 1, monotonicNow());
  }

  /** Counts a request with an invalid token or API key. */
  checkWrongToken(request: IncomingRequest): void {
    if (!this.#settings.isOn) return;
    this.#checkAddress(request, "wrong-tokens-per-address", 1, monotonicNow());
  }

  #usageOf({ person }: Session): SessionUsage {
    const known = this.#sessions.get(person);
    if (known !== undefined) return known;
    const usage: SessionUsage = {
      fullAt: { polls: LONG_AGO, sends: LONG_AGO, calls: LONG_AGO },
      // The address is charged for the first request at once: there may be many sessions with a single request.
      uncharged: { polls: BATCH.polls - 1, sends: BATCH.sends - 1, calls: 0 },
    };
    this.#sessions.set(person, usage);
    return usage;
  }

  #checkAddress(
    request: IncomingRequest,
    name: LimitName,
    count: number,
    now: MonotonicTime,
  ): void {
    const network = this.#addresses.of(request);
    if (network === undefined) return;
    this.#take(this.#networks.get(network), name, count, now, network);
    const site = siteOf(network);
    if (site === undefined) return;
    this.#take(this.#networks.get(site), name, count / NETWORKS_PER_SITE, now, site);
  }

  #take(
    usage: Usage,
    name: LimitName,
    count: number,
    now: MonotonicTime,
    network?: string,
  ): void {
    const bucket = this.#bucketOf(name);
    const taken = bucket.take(usage[name] ?? LONG_AGO, now, count);
    const waitTime = bucket.waitTime(taken, now);
    // A refused request is not counted: a client that keeps trying succeeds as soon as the bucket has a token.
    if (waitTime > 0) throw this.#refusal(name, waitTime, network);
    usage[name] = taken;
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
    const detail = `The limit "${name}" is ${quota} requests in ${window} s`;
    return new Refused("too_many_requests", detail, Math.ceil(waitTime), limit);
  }
}

/** Opens the limits of a server. Requests that exceed a limit are logged, each limit at most every 10 s. */
export function openLimits(
  settings: LimitSettings,
  { logger, onLimited }: {
    readonly logger: Logger;
    readonly onLimited: (limit: LimitName) => void;
  },
): Limits {
  const throttle = new Throttle({ windowMs: 10_000 });
  return new Limits(settings, {
    onLimited: (limit, network) => {
      onLimited(limit);
      const address = network === undefined ? {} : { address: network };
      if (throttle.allow(limit)) logger.write("warn", "limited", { limit, ...address });
    },
    onUntrusted: () => {
      if (!throttle.allow("proxy")) return;
      logger.write("warn", "proxy_not_trusted", { setting: "TRUST_PROXY" });
    },
  });
}

/**
 * Values by key that forgets keys which were not used lately. It has two maps that take turns, since keeping a single one
 * in order would cost each request a deletion and an insertion.
 */
class RecentMap<V> {
  readonly #capacity: number;
  readonly #create: () => V;
  #recent = new Map<string, V>();
  #older = new Map<string, V>();

  /** The last `capacity` keys are remembered, and at most twice as many. `create` makes the value of a new key. */
  constructor(capacity: number, create: () => V) {
    this.#capacity = capacity;
    this.#create = create;
  }

  get size(): number {
    return this.#recent.size + this.#older.size;
  }

  get(key: string): V {
    const known = this.#recent.get(key);
    if (known !== undefined) return known;
    const value = this.#older.get(key) ?? this.#create();
    this.#older.delete(key);
    this.#recent.set(key, value);
    if (this.#recent.size >= this.#capacity) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    return value;
  }
}
