import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import { isRecord, isSessionReply, isSignedIn } from "../../../server/protocol/guards.ts";
import type { Actor } from "../actor.ts";
import type { Ledger } from "../ledger.ts";
import type { Application } from "./application.ts";
import type { Link, ProgramReply, ProgramRequest } from "./link.ts";

export interface PatientLinkOptions {
  readonly actor: Actor;
  readonly link: Link;
  readonly ledger: Ledger;
  readonly seed: number;
  /** Whose user the actor is; absent for guests. */
  readonly application: Application | undefined;
}

/** After a failure, a request is repeated after up to this time, in ms. */
const RETRY_MS = 2_000;

/** A reply, and how often its request was sent. */
export interface PatientReply extends ProgramReply {
  readonly attempts: number;
}

/** Repeats requests until they have an answer, with a new token if the one of the application has expired. */
export class PatientLink {
  /** Whether the session ends, or has ended: then there are no new tokens. */
  isEnding = false;
  /** Decides what the actor does, and when its requests are repeated. */
  readonly random: SeededRandom;
  readonly #options: PatientLinkOptions;
  #token: string | undefined;

  constructor(options: PatientLinkOptions) {
    this.#options = options;
    this.random = new SeededRandom(options.seed, options.actor.name);
  }

  /** Signs in, as a guest or as a user of the application. Returns the public token. Later requests use this session. */
  async signIn(): Promise<string> {
    const { application, actor: { name: displayName } } = this.#options;
    if (application === undefined) {
      const request = { method: "POST", path: "/api/sessions", body: { displayName } };
      const { publicToken, privateToken } = read(await this.ask(request), isSignedIn);
      this.#token = privateToken;
      return publicToken;
    }
    this.#token = application.tokenFor(displayName);
    const reply = await this.ask({ method: "GET", path: "/api/session" });
    return read(reply, isSessionReply).publicToken;
  }

  /** Resolves with the first reply that has one of these statuses. Others below 429 break a rule. */
  async ask(request: ProgramRequest, accepted = [200, 201]): Promise<PatientReply> {
    const { actor, link, ledger, application } = this.#options;
    for (let attempts = 1;; attempts++) {
      try {
        const token = request.token ?? this.#token;
        const reply = await link.send({ ...request, token });
        if (token !== undefined) application?.onReply(token, request.path, reply);
        if (application && isExpired(reply) && !this.isEnding) {
          // Several requests can have used the same token.
          if (token === this.#token) this.#token = application.renew(actor.name, request.path);
          continue;
        }
        // 403: a user who is being erased.
        const isGone = application !== undefined && this.isEnding && reply.status === 403;
        if (accepted.includes(reply.status) || isGone) return { ...reply, attempts };
        if (reply.status < 429) {
          const answer = `${request.path}: ${reply.status} ${JSON.stringify(reply.json)}`;
          ledger.violate("R4", `${actor.name}: ${answer}`);
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      await this.wait(RETRY_MS * this.random.next());
    }
  }

  wait(ms: number): Promise<void> {
    return this.#options.actor.later(ms, "waits", () => {});
  }

  /** Waits until the next event of a kind that happens every `meanMs`. */
  waitForNext(meanMs: number): Promise<void> {
    return this.wait(meanMs * -Math.log(1 - this.random.next()));
  }
}

function isExpired({ status, json }: ProgramReply): boolean {
  return status === 401 && isRecord(json) && json.code === "token_expired";
}

/** The body of a reply, which must be what the server has promised. */
export function read<T>(
  { status, json }: ProgramReply,
  isValid: (value: unknown) => value is T,
): T {
  if (isValid(json)) return json;
  throw new Error(`${status} with an invalid body: ${JSON.stringify(json)}`);
}
