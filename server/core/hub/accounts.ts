import type { Runtime } from "../../base/runtime.ts";
import type { Person } from "../../protocol/message.ts";
import { displayNameFrom, displayNameOf } from "../model/content.ts";
import type { HubEvents, SessionEnded } from "../model/hub_events.ts";
import { ignoreUnavailable, Refused } from "../model/refused.ts";
import type { Session } from "../model/session.ts";
import type { Store } from "../model/store.ts";
import type { Conversations } from "../conversations/conversations.ts";
import { checkUserId } from "../conversations/publishing.ts";
import type { Presence } from "../presence/presence.ts";
import type { Bans } from "../sessions/bans.ts";
import type { Claims } from "../sessions/claims.ts";
import type { ReservedNames } from "../sessions/reserved_names.ts";
import type { Credentials, Sessions } from "../sessions/sessions.ts";
import { PushDevices } from "../sessions/push_devices.ts";
import { Transfers } from "../sessions/transfers.ts";
import type { UserIds } from "../sessions/user_ids.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";
import type { ErasureRecords } from "./erasure_records.ts";

/** What {@linkcode Accounts} is constructed from. */
export interface AccountsDeps {
  readonly sessions: Sessions;
  readonly userIds: UserIds;
  readonly erasureRecords: ErasureRecords;
  readonly events: Pick<
    HubEvents,
    "sessionEnded" | "sessionEndedRemotely" | "sessionChanged" | "sessionChangedRemotely"
  >;
  readonly store: Pick<Store, "sessions" | "keyValue" | "bus">;
  readonly runtime: Runtime;
  readonly bans: Bans;
  readonly waiting: WaitingRoom;
  readonly presence: Presence;
  readonly conversations: Conversations;
  readonly reservedNames: ReservedNames;
  /** Returns the id of the newest message. */
  readonly newest: () => number;
}

/** Signing in and out. Ends everything that belongs to a session when it ends, on whichever node that happens. */
export class Accounts implements Disposable {
  readonly userIds: UserIds;
  readonly transfers: Transfers;
  readonly devices: PushDevices;
  readonly #deps: AccountsDeps;
  readonly #parts = new DisposableStack();

  constructor(deps: AccountsDeps) {
    this.#deps = deps;
    this.userIds = deps.userIds;
    this.transfers = this.#parts.use(new Transfers(deps));
    this.devices = this.#parts.use(new PushDevices(deps));
    const { sessionEndedRemotely, sessionChangedRemotely } = deps.events;
    this.#parts.use(sessionEndedRemotely.add((ended) => this.endHere(ended)));
    this.#parts.use(sessionChangedRemotely.add((token) => this.#showName(token)));
  }

  /** Creates the session of a guest. Rejects an invalid or reserved name. */
  async signIn(displayName: string): Promise<Credentials> {
    const { sessions, reservedNames, newest } = this.#deps;
    const name = displayNameOf(displayName);
    reservedNames.check(name);
    return await sessions.signIn(name, newest());
  }

  /** Signs in a user of an application. Messages that already wait for a new user count as unread. */
  async signInUser(userId: string, displayName: string): Promise<Credentials> {
    const { sessions, conversations, bans, erasureRecords, newest } = this.#deps;
    checkUserId(userId);
    const publicToken = await sessions.tokenOf(userId);
    bans.check(publicToken, {});
    await erasureRecords.check(publicToken);
    const isNew = await sessions.find(publicToken) === undefined;
    const name = displayNameFrom(displayName, publicToken);
    const credentials = await sessions.signInUser(userId, name, newest());
    this.#announceName(publicToken);
    if (isNew) await conversations.openNotices(publicToken);
    return credentials;
  }

  /** The session of a user with a token of the application; it is created on the first request. */
  async sessionForClaims(claims: Claims): Promise<Session> {
    const { sessions, conversations, bans, erasureRecords, newest } = this.#deps;
    const { publicToken } = claims;
    bans.check(publicToken, {});
    return await sessions.sessionForClaims(claims, newest(), {
      mayExist: () => erasureRecords.check(publicToken, claims),
      onNew: () => conversations.openNotices(publicToken),
    });
  }

  /** Gives a guest another name. Rejects an invalid or reserved one. Messages keep the name that they were sent with. */
  async rename({ publicToken, userId }: Session, displayName: string): Promise<Person> {
    if (userId !== undefined) {
      throw new Refused("not_allowed", "The application gives its users their names");
    }
    const { sessions, reservedNames, store, runtime } = this.#deps;
    const from: Person = { publicToken, displayName: displayNameOf(displayName) };
    reservedNames.check(from.displayName);
    const at = runtime.wallNow();
    await store.sessions.update([{ ...from, lastSeen: at }]);
    sessions.forget(publicToken);
    this.#announceName(publicToken);
    const channel = `notice:${publicToken}`;
    store.bus.broadcast({ type: "signal", signal: { type: "renamed", channel, from, at } });
    return from;
  }

  /** Ends a session, in all its tabs. */
  async signOut(session: Session): Promise<void> {
    await this.#end(session, { publicToken: session.publicToken, reason: "signed_out" });
  }

  /** Ends a session for an administrator. Rejects with `not_found` if it does not exist. */
  async kick(publicToken: string): Promise<void> {
    const session = await this.#deps.sessions.find(publicToken);
    if (session === undefined) {
      throw new Refused("not_found", "There is no session with this public token");
    }
    await this.#end(session, { publicToken, reason: "kicked" });
  }

  /** Ends in this process a session that has ended in the store. */
  endHere({ publicToken, reason }: SessionEnded): void {
    const { sessions, waiting, presence } = this.#deps;
    sessions.end(publicToken, reason);
    waiting.dismiss(publicToken, reason);
    presence.remove(publicToken);
  }

  [Symbol.dispose](): void {
    this.#parts.dispose();
  }

  /** Shows the stored name of a session to those who see it, on all nodes. */
  #announceName(publicToken: string): void {
    this.#showName(publicToken);
    this.#deps.events.sessionChanged.emit(publicToken);
  }

  #showName(publicToken: string): void {
    const { sessions, presence } = this.#deps;
    if (presence.entryOf(publicToken) === undefined) return;
    sessions.find(publicToken)
      .then((found) => found && presence.rename(found.person))
      .catch(ignoreUnavailable).catch(reportError);
  }

  async #end(session: Session, ended: SessionEnded): Promise<void> {
    await this.#deps.sessions.remove(session);
    // The session of a user stays in the store, so that messages wait.
    await this.devices.removeAll(session.publicToken);
    session.hasEnded = true;
    this.endHere(ended);
    this.#deps.events.sessionEnded.emit(ended);
  }
}
