import type { MonotonicTime } from "../../base/clock.ts";
import type { Person } from "../../protocol/message.ts";
import type { Rights } from "./rights.ts";

/** A signed-in session, as this process knows it. */
export interface Session extends Person {
  /** The sender of its messages: one object, however many messages it sends. */
  readonly person: Person;
  readonly rights: Rights;
  /** When the token of the request expires: Unix time in ms; absent if it does not. */
  readonly expires?: number;
  /** Time of its last request. */
  readonly seenAt: MonotonicTime;
  /** The id of the newest message when the session was created. */
  readonly startsAfter: number;
  /** The application's id of this user; absent from guests. */
  readonly userId?: string;
  /** Whether it reads with an API key: it has no inbox and is never present. */
  readonly isApiKey?: true;
  /** Whether it was signed out. Requests that are still running are rejected. */
  hasEnded: boolean;
}

/** A session with the rights and the expiry of one token of the application. */
export class TokenSession implements Session {
  readonly rights: Rights;
  readonly expires: number;
  readonly #session: Session;

  constructor(session: Session, { rights, expires }: { rights: Rights; expires: number }) {
    this.#session = session;
    this.rights = rights;
    this.expires = expires;
  }

  get publicToken(): string {
    return this.#session.publicToken;
  }

  get displayName(): string {
    return this.#session.displayName;
  }

  get person(): Person {
    return this.#session.person;
  }

  get userId(): string {
    return this.#session.userId ?? "";
  }

  get seenAt(): MonotonicTime {
    return this.#session.seenAt;
  }

  get startsAfter(): number {
    return this.#session.startsAfter;
  }

  get hasEnded(): boolean {
    return this.#session.hasEnded;
  }

  set hasEnded(hasEnded: boolean) {
    this.#session.hasEnded = hasEnded;
  }
}
