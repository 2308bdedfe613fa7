import { isSignedIn } from "../../../server/protocol/guards.ts";
import { reactionOf } from "../message_reactions.ts";
import { PatientLink, read } from "./patient_link.ts";
import type { ProgramOptions } from "./program.ts";

const EMOJI = ["👍", "🎉", "❤️"] as const;

/** Number of the newest messages that are reacted to: several people meet there, and those who edit. */
const NEWEST = 4;

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
      ledger.reactions.begin(id, reaction);
      const answer = await this.#link.ask({
        method: "PUT",
        path: `/api/messages/${id}/reactions/${encodeURIComponent(emoji)}`,
        token: privateToken,
      }, [200, 404]);
      this.#isReacting = false;
      // The message may have been removed from the log, or deleted.
      if (answer.status === 200) ledger.reactions.end(id, reaction);
    }
  }
}
