import type { Runtime } from "../../base/runtime.ts";
import type { Ban, BansReply } from "../../protocol/moderation_replies.ts";
import { isPublicToken } from "../../protocol/channel.ts";
import { checkUserId } from "../conversations/publishing.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { Presence } from "../presence/presence.ts";
import type { BanRecord } from "../sessions/ban_records.ts";
import type { Bans } from "../sessions/bans.ts";
import { formatNetwork, type Network, networkOf } from "../sessions/networks.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";

/** What {@linkcode Banning} is constructed from. */
export interface BanningDeps {
  readonly bans: Bans;
  readonly sessions: Sessions;
  readonly waiting: WaitingRoom;
  readonly presence: Presence;
  readonly runtime: Runtime;
}

/** Who is banned: a person, by the public token or the user id, or a network. */
export type BanTarget =
  | { readonly kind: "session" | "user"; readonly id: string }
  | { readonly kind: "address"; readonly network: Network };

/** How somebody is banned. */
export interface BanTerms {
  /** In ms; for good if absent. */
  readonly duration?: number | undefined;
  readonly reason?: string | undefined;
  /** Who bans. */
  readonly by: string;
}

/** Bans for administrators. A ban ends at once what those hold who are banned, on every node, and keeps their sessions. */
export class Banning implements Disposable {
  readonly #deps: BanningDeps;
  readonly #subscription: Disposable;

  constructor(deps: BanningDeps) {
    this.#deps = deps;
    this.#subscription = deps.bans.added.add((ban) => this.#endHere(ban));
  }

  async ban(target: BanTarget, { duration, reason, by }: BanTerms): Promise<Ban> {
    const at = this.#deps.runtime.wallNow();
    const record = {
      ...await this.#identify(target),
      ...{ at, by },
      ...(duration !== undefined && { until: at + duration }),
      ...(reason && { reason }),
    };
    await this.#deps.bans.add(record);
    return await this.#shown(record);
  }

  /** Lifts a ban. Refuses with `not_found` if there is none. */
  async lift(target: BanTarget): Promise<Ban> {
    const { key } = await this.#identify(target);
    const ban = await this.#deps.bans.lift(key);
    if (ban !== undefined) return ban;
    throw new Refused("not_found", "There is no such ban: GET /api/admin/bans has them all");
  }

  /** A page of the bans, the newest first, after the ban with the key `after`. */
  async list({ after, limit }: { after: string; limit: number }): Promise<BansReply> {
    const all = this.#deps.bans.list();
    const start = after === "" ? 0 : all.findIndex((ban) => placeOf(ban) > after);
    const page = start < 0 ? [] : all.slice(start, start + limit);
    const bans = await Promise.all(page.map((ban) => this.#shown(ban)));
    const last = page.at(-1);
    const isLast = last === undefined || start + limit >= all.length;
    return { bans, total: all.length, ...(!isLast && { next: placeOf(last) }) };
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  async #identify(target: BanTarget): Promise<Pick<BanRecord, "kind" | "id" | "key">> {
    if (target.kind === "address") {
      return { kind: "address", id: formatNetwork(target.network), key: target.network };
    }
    const { kind, id } = target;
    if (kind === "user") {
      checkUserId(id);
      return { kind, id, key: await this.#deps.sessions.tokenOf(id) };
    }
    if (isPublicToken(id)) return { kind, id, key: id };
    throw new Refused("invalid_request", '"session" must be a public token');
  }

  async #shown({ key, ...ban }: BanRecord): Promise<Ban> {
    if (ban.kind === "address") return ban;
    const session = await this.#deps.sessions.find(key);
    return session === undefined ? ban : { ...ban, displayName: session.displayName };
  }

  #endHere({ kind, key }: BanRecord): void {
    const { waiting, presence } = this.#deps;
    if (kind === "address") {
      const isMatch = (address: string) => networkOf(address).startsWith(key);
      const onDismiss = (owner: string, tab: string) => presence.removeTab(owner, tab);
      waiting.dismissFrom(isMatch, { reason: "banned", onDismiss }).catch(ignoreUnavailable).catch(
        reportError,
      );
      return;
    }
    waiting.dismiss(key, "banned");
    presence.remove(key);
  }
}

/** Sorts as the list does: the newest first. */
function placeOf({ at, key }: BanRecord): string {
  return `${String(Number.MAX_SAFE_INTEGER - at).padStart(16, "0")} ${key}`;
}
