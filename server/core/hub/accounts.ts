import type { ChannelPresence } from "../presence/channel_presence.ts";
import { displayNameOf } from "../model/content.ts";
import type { Conversations } from "../conversations/conversations.ts";
import type { Peers } from "../cluster/peers.ts";
import type { EndReason } from "../cluster/node_event.ts";
import { checkUserId } from "../conversations/publishing.ts";
import { Refused } from "../model/refused.ts";
import type { ReservedNames } from "../sessions/reserved_names.ts";
import type { Credentials, Session, Sessions } from "../sessions/sessions.ts";
import type { Claims } from "../sessions/claims.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";

export type { EndReason };

/** What letting in and sending away needs. */
export interface AccountsDeps {
  readonly sessions: Sessions;
  readonly waiting: WaitingRoom;
  readonly audience: ChannelPresence;
  readonly conversations: Conversations;
  readonly peers: Peers;
  readonly reservedNames: ReservedNames;
  /** The id of the newest message. */
  readonly newest: () => number;
}

/** Lets people in, and sends them away. */
export class Accounts {
  readonly #deps: AccountsDeps;

  constructor(deps: AccountsDeps) {
    this.#deps = deps;
  }

  /** Makes a session of a guest. Refuses a name that is none, or that looks like a reserved one. */
  async signIn(displayName: string): Promise<Credentials> {
    const { sessions, reservedNames, newest } = this.#deps;
    const name = displayNameOf(displayName);
    reservedNames.check(name);
    return await sessions.signIn(name, newest());
  }

  /** Signs in a user of an application; what waits for a new one counts as unread. */
  async signInUser(userId: string, displayName: string): Promise<Credentials> {
    const { sessions, conversations, peers, newest } = this.#deps;
    checkUserId(userId);
    const isNew = await sessions.find(await sessions.tokenOf(userId)) === undefined;
    const signedIn = await sessions.signInUser(userId, displayNameOf(displayName), newest());
    peers.tellChange(signedIn.publicToken);
    if (isNew) await conversations.openNotices(signedIn.publicToken);
    return signedIn;
  }

  /** The session of a user whom an application vouches for, which is made when it comes for the first time. */
  async admit(claims: Claims): Promise<Session> {
    const { sessions, conversations, newest } = this.#deps;
    const isNew = await sessions.find(claims.publicToken) === undefined;
    const session = await sessions.sessionForClaims(claims, newest());
    if (isNew) await conversations.openNotices(session.publicToken);
    return session;
  }

  /** Ends a session, whichever of its tabs asks for it. */
  async signOut(session: Session): Promise<void> {
    await this.#end(session, "signed_out");
  }

  /** Ends a session for an operator. Refuses with `not_found` where there is none. */
  async kick(publicToken: string): Promise<void> {
    const session = await this.#deps.sessions.find(publicToken);
    if (session === undefined) throw new Refused("not_found", "There is no such session");
    await this.#end(session, "kicked");
  }

  /**
   * Ends in this process what was ended in the store: nothing that is known of the session counts any more, its polls are
   * cancelled, its presence is over.
   */
  endHere(publicToken: string, reason: EndReason): void {
    const { sessions, waiting, audience } = this.#deps;
    sessions.end(publicToken, reason);
    waiting.dismiss(publicToken, reason);
    audience.presence.end(publicToken);
  }

  async #end(session: Session, reason: EndReason): Promise<void> {
    await this.#deps.sessions.remove(session);
    session.hasEnded = true;
    this.endHere(session.publicToken, reason);
    this.#deps.peers.tellEnd(session.publicToken, reason);
  }
}
