import type { Person } from "../../protocol/message.ts";
import type { Rights } from "./rights.ts";

/** A session that this process knows. */
export interface Session extends Person {
  /** How its messages name it: one object, however many messages it sends. */
  readonly person: Person;
  readonly rights: Rights;
  /** When the token that was borne runs out: Unix time in ms; absent where it does not. */
  readonly expires?: number;
  /** Unix time in ms. */
  readonly lastSeen: number;
  /** The id of the newest message when the session was created. */
  readonly startsAfter: number;
  /** Whom a back end means by it. */
  readonly userId?: string;
  /** Reads with an API key: it is nobody's, is not present anywhere, and has no inbox. */
  readonly isApiKey?: true;
  /** It was signed out: what it still asks for is refused. */
  hasEnded: boolean;
}
