import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import { KEYS } from "../../support/chat.ts";
import { editedText } from "../message_changes.ts";
import { PatientLink } from "./patient_link.ts";
import type { ProgramOptions } from "./program.ts";

/** An administrator, who edits and deletes the messages of others. */
export class Moderator {
  readonly #options: Omit<ProgramOptions, "endsWithinMs">;
  readonly #random: SeededRandom;
  readonly #link: PatientLink;
  #isChanging = false;

  constructor(options: Omit<ProgramOptions, "endsWithinMs">) {
    this.#options = options;
    const { actor, link, ledger, seed } = options;
    const random = this.#random = new SeededRandom(seed, actor.name);
    this.#link = new PatientLink(actor, { link, ledger, random });
  }

  /** Whether its last change was answered. */
  get isComplete(): boolean {
    return !this.#isChanging;
  }

  async run(): Promise<void> {
    const { actor, ledger, sendEveryMs, sendsUntil } = this.#options;
    const { changes } = ledger;
    for (;;) {
      await this.#link.waitForNext(sendEveryMs);
      if (actor.now > sendsUntil) return;
      const isDeletion = this.#random.next() < 0.4;
      const [id, sent] = this.#random.pick(ledger.stored.filter(([id]) =>
        isDeletion ? changes.canDelete(id) : changes.canEdit(id)
      )) ?? [];
      if (id === undefined || sent === undefined) {
        continue;
      }
      const text = isDeletion ? undefined : editedText(sent.text);
      this.#isChanging = true;
      changes.begin(id, text);
      const answer = await this.#link.ask({
        method: isDeletion ? "DELETE" : "PATCH",
        path: `/api/messages/${id}`,
        ...(text !== undefined && { body: { text } }),
        token: KEYS.admin,
      }, [200, 204, 404]);
      this.#isChanging = false;
      // The message may have been removed from the log.
      if (answer.status !== 404) {
        changes.end(id, { text, at: actor.now });
      }
    }
  }
}
