import type { Coverage } from "../coverage.ts";
import { PatientLink } from "./patient_link.ts";
import type { ProgramOptions } from "./program.ts";
import { type NextReaction, reactAgainAndAgain } from "./reactor.ts";

export interface FickleReactorOptions extends Omit<ProgramOptions, "endsWithinMs"> {
  readonly coverage: Coverage;
}

const EMOJI = ["👍", "🎉"] as const;

/** Mean time in ms after which a reaction is taken back. */
const REGRETS_MS = 500;

/**
 * Somebody who reacts to messages and takes that back. Its link must not repeat requests: one that comes late would undo what
 * came after it. Of what was asked more than once, because a node has ended, the result is not known.
 */
export class FickleReactor {
  readonly #options: FickleReactorOptions;
  readonly #link: PatientLink;
  #isReacting = false;

  constructor(options: FickleReactorOptions) {
    this.#options = options;
    this.#link = new PatientLink(options);
  }

  /** Whether the last reaction was answered. */
  get isComplete(): boolean {
    return !this.#isReacting;
  }

  async run(): Promise<void> {
    const react = async (next: NextReaction) => {
      this.#isReacting = true;
      await this.#react(next);
      this.#isReacting = false;
    };
    await reactAgainAndAgain(this.#options, { link: this.#link, emoji: EMOJI, react });
  }

  async #react({ id, emoji, reaction }: NextReaction): Promise<void> {
    const { ledger, coverage } = this.#options;
    const path = `/api/messages/${id}/reactions/${encodeURIComponent(emoji)}`;
    ledger.reactions.begin(id, reaction);
    const made = await this.#link.ask({ method: "PUT", path }, [200, 404]);
    if (made.status === 404) return;
    coverage.add("reaction", ["made"]);
    await this.#link.waitForNext(REGRETS_MS);
    const taken = await this.#link.ask({ method: "DELETE", path }, [200, 404]);
    if (taken.status === 404) return;
    coverage.add("reaction", ["taken back"]);
    if (made.attempts + taken.attempts === 2) ledger.reactions.takeBack(id, reaction);
  }
}
