import { isSignedIn } from "../../../server/protocol/guards.ts";
import type { Coverage } from "../coverage.ts";
import { reactionOf } from "../message_reactions.ts";
import { PatientLink, read } from "./patient_link.ts";
import type { ProgramOptions } from "./program.ts";

export interface FickleReactorOptions extends Omit<ProgramOptions, "endsWithinMs"> {
  readonly coverage: Coverage;
}

const EMOJI = ["👍", "🎉"] as const;

/** Number of the newest messages that are reacted to. */
const NEWEST = 4;

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
    const { actor, ledger, rooms, sendEveryMs, sendsUntil } = this.#options;
    const request = { method: "POST", path: "/api/sessions", body: { displayName: actor.name } };
    const { publicToken, privateToken } = read(await this.#link.ask(request), isSignedIn);
    for (;;) {
      await this.#link.waitForNext(sendEveryMs);
      if (actor.now > sendsUntil) return;
      const messages = ledger.stored.filter(([, { channel }]) => rooms.includes(channel));
      const [id] = this.#link.random.pick(messages.slice(-NEWEST)) ?? [];
      const emoji = this.#link.random.pick(EMOJI);
      if (id === undefined || emoji === undefined) continue;
      const reaction = reactionOf(emoji, publicToken);
      if (!ledger.reactions.canMake(id, reaction)) continue;
      this.#isReacting = true;
      await this.#react({ id, emoji, reaction, token: privateToken });
      this.#isReacting = false;
    }
  }

  async #react({ id, emoji, reaction, token }: {
    readonly id: number;
    readonly emoji: string;
    readonly reaction: string;
    readonly token: string;
  }): Promise<void> {
    const { ledger, coverage } = this.#options;
    const path = `/api/messages/${id}/reactions/${encodeURIComponent(emoji)}`;
    ledger.reactions.begin(id, reaction);
    const made = await this.#link.ask({ method: "PUT", path, token }, [200, 404]);
    if (made.status === 404) return;
    coverage.add("reaction", ["made"]);
    await this.#link.waitForNext(REGRETS_MS);
    const taken = await this.#link.ask({ method: "DELETE", path, token }, [200, 404]);
    if (taken.status === 404) return;
    coverage.add("reaction", ["taken back"]);
    if (made.attempts + taken.attempts === 2) ledger.reactions.takeBack(id, reaction);
  }
}
