import type { MonotonicTime } from "../../base/clock.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import type { Logger } from "../../base/logger.ts";
import type { Place } from "../../base/shared_table.ts";
import { Throttle } from "../../base/throttle.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Session } from "../../core/model/session.ts";
import type { Person } from "../../protocol/message.ts";
import type { Limit } from "../../protocol/refusal.ts";
import { type BucketMemory, ClientBuckets, type Column } from "./client_buckets.ts";
import { ClientAddresses, type IncomingRequest, siteOf } from "./client_address.ts";
import type { LimitName, LimitSettings } from "./limit_settings.ts";
import { TokenBucket } from "./token_bucket.ts";

/** The kinds of requests that sessions make. Each has its own limits. */
export type RequestKind = "polls" | "sends" | "calls" | "uploads";

const LIMITS = {
  polls: { session: "polls-per-session", address: "polls-per-address" },
  sends: { session: "sends-per-session", address: "sends-per-address" },
  calls: { session: "calls-per-session", address: "calls-per-address" },
  uploads: { session: "uploads-per-session", address: "uploads-per-address" },
} as const;

/**
 * Number of requests of one session that its address is charged for at once. Reading the address of a connection is
 * expensive compared with the rest of a poll.
 */
const BATCH: Readonly<Record<RequestKind, number>> = {
  polls: 16,
  sends: 4,
  calls: 1,
  uploads: 1,
};

/** A site with an IPv6 network of 48 bits may do as much as this number of networks of 64 bits. */
const NETWORKS_PER_SITE = 16;

/** The client of the limits that all clients share. */
const EVERYONE = "everyone";

/** The limits that are not by session. */
const LIMIT_COLUMNS = {
  "sign-ins": "signIns",
  "sign-ins-per-address": "signIns",
  "sends-per-address": "sends",
  "polls-per-address": "polls",
  "calls-per-address": "calls",
  "uploads-per-address": "uploads",
  "calls-per-key": "calls",
  "wrong-tokens-per-address": "wrongTokens",
} as const satisfies Partial<Record<LimitName, Column>>;

type ClientLimit = keyof typeof LIMIT_COLUMNS;

/** What {@linkcode Limits} work with. */
export interface LimitsDeps {
  /** Called for every request that exceeds a limit, with the client's network if the limit is per address. */
  readonly onLimited: (limit: LimitName, network: string | undefined) => void;
  /** Called for every `X-Forwarded-For` that is ignored because it does not come from a trusted proxy. */
  readonly onUntrusted: () => void;
  /** What the workers of a process have in common, so that they apply the limits together. */
  readonly memory?: BucketMemory | undefined;
  readonly runtime?: Runtime | undefined;
}

/**
 * The rate limits per session, per address and per API key. `Authentication` checks every request of a session or key
 * here. All checks refuse with `too_many_requests`, and do nothing if limits are disabled.
 */
export class Limits {
  readonly #settings: LimitSettings;
  readonly #runtime: Runtime;
  readonly #onLimited: LimitsDeps["onLimited"];
  readonly #addresses: ClientAddresses;
  readonly #buckets: ReadonlyMap<LimitName, TokenBucket>;
  readonly #clients: ClientBuckets;
  // By person: one object per session for as long as the session is cached, whichever of its tokens is used.
  readonly #sessions = new WeakMap<Person, Place>();

  constructor(
    settings: LimitSettings,
    { onLimited, onUntrusted, memory, runtime = SYSTEM_RUNTIME }: LimitsDeps,
  ) {
    this.#settings = settings;
    this.#runtime = runtime;
    this.#clients = new ClientBuckets(memory ?? ClientBuckets.allocate(ArrayBuffer, runtime));
    this.#onLimited = onLimited;
    this.#addresses = new ClientAddresses(settings.trustedProxies, onUntrusted);
    this.#buckets = new Map(
      [...settings.rates].map(([name, rate]) => [name, new TokenBucket(rate)]),
    );
  }

  /** The network that a request comes from; `undefined` for this machine. */
  addressOf(request: IncomingRequest): string | undefined {
    return this.#addresses.of(request);
  }

  /** The network that a request comes from, if limits per address apply to it. */
  networkOf(request: IncomingRequest): string | undefined {
    return this.#settings.isOn ? this.#addresses.of(request) : undefined;
  }

  /** Counts a request of a session, for the session and for its address. Returns the session. */
  checkSession(request: IncomingRequest, session: Session, kind: RequestKind): Session {
    if (!this.#settings.isOn) return session;
    const clients = this.#clients;
    const place = this.#placeOf(session);
    const { session: name } = LIMITS[kind];
    // The time of authentication, a moment ago: reading the clock again would cost as much as the rest.
    const charge = { bucket: this.#bucketOf(name), now: session.seenAt, count: 1 };
    const waitTime = clients.take(place, kind, charge);
    if (waitTime > 0) throw this.#refusal(name, waitTime, undefined);
    // The address is charged for the first request at once: there may be many sessions with a single request.
    try {
      while (!this.#count(request, place, { kind, now: charge.now }));
    } catch (refused) {
      // The session is not charged for a request that is refused because of its address.
      clients.charge(place, kind, { ...charge, count: -1 });
      throw refused;
    }
    return session;
  }

  /**
   * Counts a request of a session, and charges its address if the last batch is used up. Returns `false` if another worker
   * has counted one at the same moment. A request is never counted before its address has been charged: other workers would
   * take the rest of that batch meanwhile, even if the address is refused.
   */
  #count(
    request: IncomingRequest,
    place: Place,
    { kind, now }: { readonly kind: RequestKind; readonly now: MonotonicTime },
  ): boolean {
    const clients = this.#clients;
    const count = BATCH[kind];
    const number = clients.numberOf(place, kind);
    if (number % count !== 0) return clients.increment(place, kind, number);
    this.#checkAddress(request, LIMITS[kind].address, count, now);
    if (count === 1 || clients.increment(place, kind, number)) return true;
    this.#chargeAddress(request, kind, -count, now);
    return false;
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
    const clients = this.#clients;
    const now = this.#runtime.monotonicNow();
    const bucket = this.#bucketOf(LIMITS[kind].session);
    clients.charge(this.#placeOf(session), kind, { bucket, now, count });
    this.#chargeAddress(request, kind, count, now);
  }

  /** Counts a request with an API key. */
  checkKey(name: string): void {
    if (!this.#settings.isOn) return;
    this.#take(`key ${name}`, "calls-per-key", 1, this.#runtime.monotonicNow());
  }

  /** Counts a sign-in. */
  checkSignIn(request: IncomingRequest): void {
    if (!this.#settings.isOn) return;
    const now = this.#runtime.monotonicNow();
    this.#checkAddress(request, "sign-ins-per-address", 1, now);
    this.#take(EVERYONE, "sign-ins", 1, now);
  }

  /** Counts a request without a session. */
  checkAnonymous(request: IncomingRequest): void {
    if (!this.#settings.isOn) return;
    this.#checkAddress(request, "calls-per-address", 1, this.#runtime.monotonicNow());
  }

  /** Counts a request with an invalid token or API key. */
  checkWrongToken(request: IncomingRequest): void {
    if (!this.#settings.isOn) return;
    this.#checkAddress(request, "wrong-tokens-per-address", 1, this.#runtime.monotonicNow());
  }

  #placeOf({ person }: Session): Place {
    const known = this.#sessions.get(person);
    if (known !== undefined && this.#clients.holds(known)) return known;
    const place = this.#clients.find(`session ${person.publicToken}`);
    this.#sessions.set(person, place);
    return place;
  }

  /** Takes tokens of an address without refusing the request, or gives them back: a negative number of them. */
  #chargeAddress(
    request: IncomingRequest,
    kind: RequestKind,
    count: number,
    now: MonotonicTime,
  ): void {
    const network = this.#addresses.of(request);
    if (network === undefined) return;
    const clients = this.#clients;
    const bucket = this.#bucketOf(LIMITS[kind].address);
    clients.charge(clients.find(network), kind, { bucket, now, count });
    const site = siteOf(network);
    if (site === undefined) return;
    clients.charge(clients.find(site), kind, { bucket, now, count: count / NETWORKS_PER_SITE });
  }

  #checkAddress(
    request: IncomingRequest,
    name: ClientLimit,
    count: number,
    now: MonotonicTime,
  ): void {
    const network = this.#addresses.of(request);
    if (network === undefined) return;
    this.#take(network, name, count, now, network);
    const site = siteOf(network);
    if (site === undefined) return;
    this.#take(site, name, count / NETWORKS_PER_SITE, now, site);
  }

  #take(
    client: string,
    name: ClientLimit,
    count: number,
    now: MonotonicTime,
    network?: string,
  ): void {
    const charge = { bucket: this.#bucketOf(name), now, count };
    const waitTime = this.#clients.take(this.#clients.find(client), LIMIT_COLUMNS[name], charge);
    // A refused request is not counted: a client that keeps trying succeeds as soon as the bucket has a token.
    if (waitTime > 0) throw this.#refusal(name, waitTime, network);
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
    return new Refused("too_many_requests", detail, Math.ceil(waitTime), { limit });
  }
}

/** Opens the limits of a server. Requests that exceed a limit are logged, each limit at most every 10 s. */
export function openLimits(
  settings: LimitSettings,
  { logger, onLimited, memory, runtime }: Pick<LimitsDeps, "memory" | "runtime"> & {
    readonly logger: Logger;
    readonly onLimited: (limit: LimitName) => void;
  },
): Limits {
  const throttle = new Throttle({ windowMs: 10_000 }, runtime);
  return new Limits(settings, {
    memory,
    runtime,
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
