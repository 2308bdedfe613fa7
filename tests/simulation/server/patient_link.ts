import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { Ledger } from "../ledger.ts";
import type { Link, ProgramReply, ProgramRequest } from "./link.ts";

/** After a failure, a request is repeated after up to this time, in ms. */
const RETRY_MS = 2_000;

/** A reply, and how often its request was sent. */
export interface PatientReply extends ProgramReply {
  readonly attempts: number;
}

/** Repeats requests until they have an answer. */
export class PatientLink {
  readonly #actor: Actor;
  readonly #link: Link;
  readonly #ledger: Ledger;
  /** Decides what the actor does, and when its requests are repeated. */
  readonly random: SeededRandom;

  constructor({ actor, link, ledger, seed }: {
    readonly actor: Actor;
    readonly link: Link;
    readonly ledger: Ledger;
    readonly seed: number;
  }) {
    this.#actor = actor;
    this.#link = link;
    this.#ledger = ledger;
    this.random = new SeededRandom(seed, actor.name);
  }

  /** Resolves with the first reply that has one of these statuses. Others below 429 break a rule. */
  async ask(request: ProgramRequest, accepted = [200, 201]): Promise<PatientReply> {
    for (let attempts = 1;; attempts++) {
      try {
        const reply = await this.#link.send(request);
        if (accepted.includes(reply.status)) return { ...reply, attempts };
        if (reply.status < 429) {
          const answer = `${request.path}: ${reply.status} ${JSON.stringify(reply.json)}`;
          this.#ledger.violate("R4", `${this.#actor.name}: ${answer}`);
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      await this.wait(RETRY_MS * this.random.next());
    }
  }

  wait(ms: number): Promise<void> {
    return this.#actor.later(ms, "waits", () => {});
  }

  /** Waits until the next event of a kind that happens every `meanMs`. */
  waitForNext(meanMs: number): Promise<void> {
    return this.wait(meanMs * -Math.log(1 - this.random.next()));
  }
}

/** The body of a reply, which must be what the server has promised. */
export function read<T>(
  { status, json }: ProgramReply,
  isValid: (value: unknown) => value is T,
): T {
  if (isValid(json)) return json;
  throw new Error(`${status} with an invalid body: ${JSON.stringify(json)}`);
}
