import type { Audience } from "../presence/channel_presence.ts";
import { displayNameOf } from "../model/content.ts";
import type { Conversations } from "../conversations/conversations.ts";
import type { Neighbours } from "../cluster/peers.ts";
import type { EndReason } from "../cluster/node_event.ts";
import { checkUserId } from "../conversations/publishing.ts";
import { Refused } from "../model/refusal.ts";
import type { ReservedNames } from "../sessions/reserved_names.ts";
import type { KnownSession, Sessions, SignedIn } from "../sessions/sessions.ts";
import type { Voucher } from "../sessions/claims.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";

export type { EndReason };

/** What letting in and sending away needs. */
export interface AdmissionParts {
  readonly sessions: Sessions;
  readonly waiting: WaitingRoom;
  readonly audience: Audience;
  readonly conversations: Conversations;
  readonly neighbours: Neighbours;
  readonly reservedNames: ReservedNames;
  /** The id of the newest message. */
  readonly newest: () => number;
}

/** Lets people in, and sends them away. */
export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Makes a session of a guest. Refuses a name that is none, or that looks like a reserved one. */
  async signIn(displayName: string): Promise<SignedIn> {
    const { sessions, reservedNames, newest } = this.#parts;
    const name = displayNameOf(displayName);
    reservedNames.check(name);
    return await sessions.signIn(name, newest());
  }

  /** Signs in a user of an application; what waits for a new one counts as unread. */
  async signInUser(userId: string, displayName: string): Promise<SignedIn> {
    const { sessions, conversations, neighbours, newest } = this.#parts;
    checkUserId(userId);
    const isNew = await sessions.find(await sessions.tokenOf(userId)) === undefined;
    const signedIn = await sessions.signInUser(userId, displayNameOf(displayName), newest());
    neighbours.tellChange(signedIn.publicToken);
    if (isNew) await conversations.openNotices(signedIn.publicToken);
    return signedIn;
  }

  /** The session of a user whom an application vouches for, which is made when it comes for the first time. */
  async admit(voucher: Voucher): Promise<KnownSession> {
    const { sessions, conversations, newest } = this.#parts;
    const isNew = await sessions.find(voucher.publicToken) === undefined;
    const session = await sessions.vouch(voucher, newest());
    if (isNew) await conversations.openNotices(session.publicToken);
    return session;
  }

  /** Ends a session, whichever of its tabs asks for it. */
  async signOut(session: KnownSession): Promise<void> {
    await this.#end(session, "signed_out");
  }

  /** Ends a session for an operator. Refuses with `not_found` where there is none. */
  async kick(publicToken: string): Promise<void> {
    const session = await this.#parts.sessions.find(publicToken);
    if (session === undefined) throw new Refused("not_found", "There is no such session");
    await this.#end(session, "kicked");
  }

  /**
   * Ends in this process what was ended in the store: nothing that is known of the session counts any more, its polls are
   * cancelled, its presence is over.
   */
  endHere(publicToken: string, reason: EndReason): void {
    const { sessions, waiting, audience } = this.#parts;
    sessions.end(publicToken, reason);
    waiting.dismiss(publicToken, reason);
    audience.presence.end(publicToken);
  }

  async #end(session: KnownSession, reason: EndReason): Promise<void> {
    await this.#parts.sessions.remove(session);
    session.hasEnded = true;
    this.endHere(session.publicToken, reason);
    this.#parts.neighbours.tellEnd(session.publicToken, reason);
  }
}
