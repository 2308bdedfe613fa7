import type { Hub } from "../../core/hub/hub.ts";
import { Refused } from "../../core/model/refused.ts";
import type { Session } from "../../core/model/session.ts";
import type { Identity } from "./identity.ts";

/** Sessions by their private tokens, which Halley itself has made: `AUTH=guest`. */
export class PrivateTokens implements Identity {
  readonly takesNames = true;
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  known(token: string): Session | undefined {
    return this.#hub.sessions.cached(token);
  }

  async find(token: string): Promise<Session> {
    const session = await this.#hub.sessions.authenticate(token);
    if (session !== undefined) return session;
    throw new Refused("not_signed_in", "The private token is unknown, or its session has ended");
  }
}
