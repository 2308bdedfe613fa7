import type { Hub } from "../../core/hub/hub.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Session } from "../../core/model/session.ts";

/** Finds the session that a token belongs to. The setting `AUTH` selects the implementation. */
export interface SessionTokens {
  /** Whether people can sign in with only a name. */
  readonly allowGuests: boolean;

  /** The session, if it is cached. Refuses an expired token with `token_expired`, and other invalid ones. */
  cached(token: string): Session | undefined;

  /** The session. Refuses with `not_signed_in`, `token_expired`, `keys_unavailable` or `store_unavailable`. */
  find(token: string): Promise<Session>;
}

/** `AUTH=guest`: the tokens are private tokens, which Halley issues when people sign in. */
export class PrivateTokens implements SessionTokens {
  readonly allowGuests = true;
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  cached(token: string): Session | undefined {
    return this.#hub.sessions.cached(token);
  }

  async find(token: string): Promise<Session> {
    const session = await this.#hub.sessions.authenticate(token);
    if (session !== undefined) return session;
    throw new Refused("not_signed_in", "The private token is unknown, or its session has ended");
  }
}
