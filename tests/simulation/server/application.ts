import { createHmac } from "node:crypto";
import type { JwtSettings } from "../../../server/http/auth/jwt_settings.ts";
import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import { rawToken } from "../../support/tokens.ts";
import type { Coverage } from "../coverage.ts";
import type { Ledger } from "../ledger.ts";
import type { ProgramReply } from "./link.ts";
import { START_WALL } from "./simulated_runtime.ts";

export interface ApplicationOptions {
  /** The simulated time in ms, which its clock shows. */
  readonly now: () => number;
  readonly random: SeededRandom;
  readonly ledger: Ledger;
  readonly coverage: Coverage;
  /** A poll that is held must be answered within this time in ms after something has happened. */
  readonly promptMs: number;
}

/** How far wall clocks of nodes can be set forward or back in ms, where tokens expire. */
export const MAX_CLOCK_MS = 2_000;

const SECRET = "a-secret-of-thirty-two-characters";

/** How the nodes accept the tokens of the application. */
export const JWT: JwtSettings = {
  keys: { kind: "secret", secret: SECRET },
  ...{ issuer: undefined, audience: undefined },
  clockSkew: MAX_CLOCK_MS + 1_000,
};

/** How long tokens are valid, in seconds. */
const LIFE = { min: 3, max: 12 } as const;

/** Whose users everyone is, instead of guests. It issues tokens (JWT) that expire after seconds. */
export class Application {
  readonly #options: ApplicationOptions;
  /** When tokens expire for each node, in simulated ms. */
  readonly #ends = new Map<string, number>();

  constructor(options: ApplicationOptions) {
    this.#options = options;
  }

  /** A new token for the user of that name. */
  tokenFor(name: string): string {
    const { now, random } = this.#options;
    const iat = Math.floor((START_WALL + now()) / 1_000);
    const exp = iat + Math.floor(random.between(LIFE.min, LIFE.max + 1));
    const signed = rawToken({ alg: "HS256" }, { sub: name, name, iat, exp }).slice(0, -1);
    const signature = createHmac("sha256", SECRET).update(signed).digest("base64url");
    const token = `${signed}.${signature}`;
    this.#ends.set(token, exp * 1_000 - START_WALL + JWT.clockSkew + MAX_CLOCK_MS);
    return token;
  }

  /** A token for a user whose last one was refused as expired. `what`: for which request. */
  renew(name: string, what: string): string {
    this.#options.coverage.add("token expires", [what.replace(/(channels|messages)\/.*/, "$1/…")]);
    return this.tokenFor(name);
  }

  /** A request was answered. What is sent with an expired token is refused, and a poll ends when its token expires. */
  onReply(token: string, path: string, { status, sentAt, repliedAt }: ProgramReply): void {
    const end = this.#ends.get(token);
    if (end === undefined || status >= 300) return;
    const { ledger, promptMs } = this.#options;
    if (sentAt > end) ledger.violate("Q2", `${path} was accepted with an expired token`);
    if (repliedAt > end + promptMs) {
      ledger.violate("Q6", `a reply to ${path} was sent after its token had expired`);
    }
  }
}
