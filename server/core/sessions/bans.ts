import { Listeners } from "../../base/listeners.ts";
import type { Runtime } from "../../base/runtime.ts";
import type { Ban } from "../../protocol/moderation_replies.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { KeyValue, NodeBus } from "../model/store.ts";
import { type BanRecord, BanRecords, partOf, PARTS, tooManyBans } from "./ban_records.ts";
import { networkOf } from "./networks.ts";

/** What {@linkcode Bans} is constructed from. */
export interface BansDeps {
  readonly keyValue: KeyValue;
  readonly bus: NodeBus;
  /** The id of this node. */
  readonly node: string;
  readonly runtime: Runtime;
}

/** Where a request comes from. The address is only asked for if networks are banned. */
export interface From {
  readonly address?: string | undefined;
}

/** Maximum number of bans. */
const CAPACITY = 10_000;

/**
 * Who is banned: people by their public tokens, and networks. All bans are in memory, so that a request costs a lookup. A
 * change is stored first; other nodes are told which part of the bans to read again, and each sweep reads the version, in
 * case that event was lost.
 */
export class Bans implements Disposable {
  /** Emits each ban that is new here. */
  readonly added = new Listeners<BanRecord>();
  readonly #deps: BansDeps;
  readonly #records: BanRecords;
  readonly #byKey = new Map<string, BanRecord>();
  readonly #parts = new Map<number, readonly BanRecord[]>();
  /** How many bans of networks there are, by the length of their keys. */
  readonly #lengths = new Map<number, number>();
  readonly #subscription: Disposable;
  #version: string | undefined;
  /** Parts are read one after the other, so that none is replaced by an older state of it. */
  #reading: Promise<void> = Promise.resolve();

  constructor(deps: BansDeps) {
    this.#deps = deps;
    this.#records = new BanRecords(deps.keyValue);
    this.#subscription = deps.bus.listen((event) => {
      if (event.type !== "bans" || event.node === deps.node) return;
      this.#read([event.part]).catch(ignoreUnavailable).catch(reportError);
    });
  }

  /** Whether nobody is banned. */
  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** All bans, the newest first. */
  list(): readonly BanRecord[] {
    const now = this.#deps.runtime.wallNow();
    return [...this.#byKey.values()].filter(({ until = Infinity }) => until > now)
      .sort((one, other) => other.at - one.at || (one.key < other.key ? -1 : 1));
  }

  /** Whether a person is banned. */
  includes(publicToken: string): boolean {
    return this.#find(publicToken, {}) !== undefined;
  }

  /** Refuses a person, or whoever comes from an address (as limits have it), with `banned`. */
  check(publicToken: string | undefined, from: From): void {
    if (this.isEmpty) return;
    const ban = this.#find(publicToken, from);
    if (ban !== undefined) throw refusalOf(ban);
  }

  /** Adds a ban, or replaces the one with the same key. Refuses with `too_many_bans`. */
  async add(ban: BanRecord): Promise<void> {
    if (this.#byKey.size >= CAPACITY && !this.#byKey.has(ban.key)) throw tooManyBans();
    await this.#change(ban.key, (bans) => [...without(bans, ban.key), ban]);
  }

  /** Lifts a ban. Returns it; `undefined` if there is none. */
  async lift(key: string): Promise<Ban | undefined> {
    const ban = this.#byKey.get(key);
    await this.#change(key, (bans) => without(bans, key));
    return ban;
  }

  /** Reads all bans if they have changed. */
  async refresh(): Promise<void> {
    const version = await this.#records.version();
    if (version === this.#version) return;
    await this.#read(Array.from({ length: PARTS }, (_, part) => part));
    this.#version = version;
  }

  /** Removes the bans that have ended before `now` (Unix, ms). */
  async removeEnded(now: number): Promise<void> {
    const isOver = ({ until = Infinity }: BanRecord) => until <= now;
    for (const { key } of [...this.#byKey.values()].filter(isOver)) {
      await this.#change(key, (bans) => bans.filter((ban) => !isOver(ban)));
    }
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  async #change(
    key: string,
    change: (bans: readonly BanRecord[]) => readonly BanRecord[],
  ): Promise<void> {
    const { bus, node, runtime } = this.#deps;
    const part = partOf(key);
    await this.#records.change(part, runtime.randomUUID(), change);
    await this.#read([part]);
    bus.broadcast({ type: "bans", node, part });
  }

  #read(parts: readonly number[]): Promise<void> {
    const read = async () => {
      const stored = await Promise.all(parts.map((part) => this.#records.read(part)));
      for (const [n, part] of parts.entries()) this.#replace(part, stored[n] ?? []);
    };
    const reading = this.#reading.then(read);
    this.#reading = reading.catch(() => {});
    return reading;
  }

  #replace(part: number, bans: readonly BanRecord[]): void {
    const before = this.#parts.get(part) ?? [];
    this.#parts.set(part, bans);
    for (const ban of before) this.#forget(ban);
    for (const ban of bans) this.#remember(ban);
    const isKnown = (ban: BanRecord) =>
      before.some(({ key, until = Infinity }) =>
        key === ban.key && until >= (ban.until ?? Infinity)
      );
    for (const ban of bans) if (!isKnown(ban)) this.added.emit(ban);
  }

  #remember(ban: BanRecord): void {
    this.#byKey.set(ban.key, ban);
    if (ban.kind !== "address") return;
    this.#lengths.set(ban.key.length, (this.#lengths.get(ban.key.length) ?? 0) + 1);
  }

  #forget({ key, kind }: BanRecord): void {
    this.#byKey.delete(key);
    if (kind !== "address") return;
    const left = (this.#lengths.get(key.length) ?? 0) - 1;
    if (left > 0) this.#lengths.set(key.length, left);
    else this.#lengths.delete(key.length);
  }

  #find(publicToken: string | undefined, from: From): BanRecord | undefined {
    const own = publicToken === undefined ? undefined : this.#valid(publicToken);
    if (own !== undefined || this.#lengths.size === 0) return own;
    const { address } = from;
    if (address === undefined) return undefined;
    const network = networkOf(address);
    for (const length of this.#lengths.keys()) {
      const ban = length <= network.length && this.#valid(network.slice(0, length));
      if (ban) return ban;
    }
    return undefined;
  }

  #valid(key: string): BanRecord | undefined {
    const ban = this.#byKey.get(key);
    if (ban?.until === undefined) return ban;
    return ban.until > this.#deps.runtime.wallNow() ? ban : undefined;
  }
}

function without(bans: readonly BanRecord[], key: string): readonly BanRecord[] {
  return bans.filter((ban) => ban.key !== key);
}

function refusalOf({ until, reason }: Ban): Refused {
  const time = until === undefined ? "" : ` until ${new Date(until).toISOString()}`;
  const detail = `An administrator has banned you${time}${reason ? `: ${reason}` : ""}`;
  const ban = { ...(until !== undefined && { until }), ...(reason && { reason }) };
  return new Refused("banned", detail, undefined, { ban });
}
