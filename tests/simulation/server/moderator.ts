import { KEYS } from "../../support/chat.ts";
import { editedText } from "../message_changes.ts";
import { PatientLink } from "./patient_link.ts";
import type { ProgramOptions } from "./program.ts";

/** An administrator, who edits and deletes the messages of others. */
export class Moderator {
  readonly #options: Omit<ProgramOptions, "endsWithinMs">;
  readonly #link: PatientLink;
  #isChanging = false;

  constructor(options: Omit<ProgramOptions, "endsWithinMs">) {
    this.#options = options;
    this.#link = new PatientLink(options);
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
      const isDeletion = this.#link.random.next() < 0.4;
      const [id, sent] = this.#link.random.pick(ledger.stored.filter(([id]) =>
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
