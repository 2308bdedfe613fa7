import { isRecord } from "../../../server/protocol/guards.ts";
import { KEYS } from "../../support/chat.ts";
import type { ProgramOptions } from "./program.ts";
import { keyOf } from "./program.ts";
import { PatientLink } from "./patient_link.ts";

export interface BackEndOptions extends Omit<ProgramOptions, "endsWithinMs"> {
  /** Mean time between two sessions that it ends, in ms. */
  readonly kickEveryMs: number;
}

/** The back end of an application, with an API key: it publishes notices and messages in rooms, and ends sessions. */
export class BackEnd {
  readonly #options: BackEndOptions;
  readonly #link: PatientLink;
  #sent = 0;

  constructor(options: BackEndOptions) {
    this.#options = options;
    this.#link = new PatientLink(options);
  }

  async run(): Promise<void> {
    await Promise.all([this.#publish(), this.#kick()]);
  }

  async #publish(): Promise<void> {
    const { actor, ledger, sendEveryMs, sendsUntil } = this.#options;
    for (;;) {
      await this.#link.waitForNext(sendEveryMs);
      if (actor.now > sendsUntil) return;
      const count = this.#link.random.next() < 0.5 ? 1 : 2;
      const sent = Array.from({ length: count }, () => {
        const text = `${actor.name} #${++this.#sent}`;
        const { to, channel } = this.#recipient();
        ledger.onSending({ text, sender: actor.name, channel });
        return { channel, message: { to, text, key: keyOf(text) } };
      });
      const answer = await this.#link.ask({
        method: "POST",
        path: "/api/publish",
        body: { messages: sent.map(({ message }) => message) },
        token: KEYS.admin,
      }, [200, 201, 404]);
      // A recipient may have signed out.
      if (answer.status === 404) continue;
      const { messages } = isRecord(answer.json) ? answer.json : {};
      for (const [n, { channel, message: { text } }] of sent.entries()) {
        const published: unknown = Array.isArray(messages) ? messages[n] : undefined;
        if (!isRecord(published) || typeof published.id !== "number") {
          throw new Error(`${answer.status} with an invalid body: ${JSON.stringify(answer.json)}`);
        }
        ledger.onAcknowledged({ id: published.id, channel, text });
      }
    }
  }

  async #kick(): Promise<void> {
    const { actor, people, kickEveryMs, sendsUntil } = this.#options;
    for (;;) {
      await this.#link.waitForNext(kickEveryMs);
      if (actor.now > sendsUntil) return;
      const [publicToken, program] = this.#link.random.pick([...people]) ?? [];
      if (publicToken === undefined || program === undefined) continue;
      program.onEnding();
      const path = `/api/sessions/${publicToken}`;
      await this.#link.ask({ method: "DELETE", path, token: KEYS.admin }, [204, 404]);
      program.checkEnded();
    }
  }

  #recipient(): { readonly to: string; readonly channel: string } {
    const { people, rooms } = this.#options;
    const chance = this.#link.random.next();
    const person = this.#link.random.pick([...people.keys()]);
    const room = this.#link.random.pick(rooms) ?? "room:lobby";
    if (chance < 0.2) return { to: "everyone", channel: "notice" };
    if (chance < 0.4 || person === undefined) return { to: room, channel: room };
    return { to: `session:${person}`, channel: `notice:${person}` };
  }
}
