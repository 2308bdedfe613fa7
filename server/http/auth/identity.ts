import type { Session } from "../../core/model/session.ts";

/** Knows whose a token is that a request bears. */
export interface Identity {
  /** Whether a name is enough to sign in. */
  readonly takesNames: boolean;

  /** The session, where it takes no waiting to know it. Refuses a token that counts no more. */
  known(token: string): Session | undefined;

  /** The session. Refuses with `not_signed_in`, `token_expired`, `keys_unavailable` or `store_unavailable`. */
  find(token: string): Promise<Session>;
}
