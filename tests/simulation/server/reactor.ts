import { reactionOf } from "../message_reactions.ts";
import { PatientLink } from "./patient_link.ts";
import type { ProgramOptions } from "./program.ts";

const EMOJI = ["👍", "🎉", "❤️"] as const;

/** Number of the newest messages that are reacted to: several people meet there, and those who edit. */
const NEWEST = 4;

/** A reaction to make. */
export interface NextReaction {
  readonly id: number;
  readonly emoji: string;
  readonly reaction: string;
}

export interface ReactingOptions {
  readonly link: PatientLink;
  readonly emoji: readonly string[];
  readonly react: (next: NextReaction) => Promise<void>;
}

/** Signs in, and reacts to one of the newest messages again and again. */
export async function reactAgainAndAgain(
  { actor, ledger, rooms, sendEveryMs, sendsUntil }: Omit<ProgramOptions, "endsWithinMs">,
  { link, emoji: choices, react }: ReactingOptions,
): Promise<void> {
  const publicToken = await link.signIn();
  for (;;) {
    await link.waitForNext(sendEveryMs);
    if (actor.now > sendsUntil) return;
    const messages = ledger.stored.filter(([, { channel }]) => rooms.includes(channel));
    const [id] = link.random.pick(messages.slice(-NEWEST)) ?? [];
    const emoji = link.random.pick(choices);
    if (id === undefined || emoji === undefined) continue;
    const reaction = reactionOf(emoji, publicToken);
    if (ledger.reactions.canMake(id, reaction)) await react({ id, emoji, reaction });
  }
}

/** Somebody who reacts to the messages in rooms, at the same time as others. */
export class Reactor {
  readonly #options: Omit<ProgramOptions, "endsWithinMs">;
  readonly #link: PatientLink;
  #isReacting = false;

  constructor(options: Omit<ProgramOptions, "endsWithinMs">) {
    this.#options = options;
    this.#link = new PatientLink(options);
  }

  /** Whether the last reaction was answered. */
  get isComplete(): boolean {
    return !this.#isReacting;
  }

  async run(): Promise<void> {
    const react = (next: NextReaction) => this.#react(next);
    await reactAgainAndAgain(this.#options, { link: this.#link, emoji: EMOJI, react });
  }

  async #react({ id, emoji, reaction }: NextReaction): Promise<void> {
    const { reactions } = this.#options.ledger;
    const path = `/api/messages/${id}/reactions/${encodeURIComponent(emoji)}`;
    this.#isReacting = true;
    reactions.begin(id, reaction);
    const answer = await this.#link.ask({ method: "PUT", path }, [200, 404]);
    this.#isReacting = false;
    // The message may have been removed from the log, or deleted.
    if (answer.status === 200) reactions.end(id, reaction);
  }
}
