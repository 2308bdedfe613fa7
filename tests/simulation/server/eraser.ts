import { isHistoryReply, isRecord } from "../../../server/protocol/guards.ts";
import { KEYS } from "../../support/chat.ts";
import type { SentMessage } from "../ledger.ts";
import { visitorRoomOf } from "../rooms.ts";
import { PatientLink, read } from "./patient_link.ts";
import type { ProgramOptions } from "./program.ts";

/** Mean time between two erasures, in ms. */
const ERASE_EVERY_MS = 8_000;

/** How often it asks how far an erasure is, in ms. */
const ASK_EVERY_MS = 1_000;

/** An administrator who erases programs, and checks that nothing of them is left in rooms. */
export class Eraser {
  readonly #options: Omit<ProgramOptions, "endsWithinMs">;
  readonly #link: PatientLink;
  #isErasing = false;

  constructor(options: Omit<ProgramOptions, "endsWithinMs">) {
    this.#options = options;
    this.#link = new PatientLink(options);
  }

  /** Whether the last person is erased. */
  get isComplete(): boolean {
    return !this.#isErasing;
  }

  async run(): Promise<void> {
    const { actor, people, sendsUntil } = this.#options;
    for (;;) {
      await this.#link.waitForNext(ERASE_EVERY_MS);
      if (actor.now > sendsUntil) return;
      const programs = [...people].filter(([, { sender }]) => sender !== undefined);
      const [publicToken, person] = this.#link.random.pick(programs) ?? [];
      if (publicToken === undefined || person === undefined) continue;
      this.#isErasing = true;
      person.onEnding();
      await this.#erase(publicToken, person.sender);
      await this.#checkRooms(publicToken);
      this.#isErasing = false;
      person.checkEnded();
    }
  }

  async #erase(publicToken: string, sender: string | undefined): Promise<void> {
    const { ledger } = this.#options;
    const isOf = (sent: SentMessage) =>
      sent.sender === sender || sent.channel.split(":").includes(publicToken) ||
      sent.channel === visitorRoomOf(publicToken);
    const path = `/api/sessions/${publicToken}?erase=true`;
    const ids = ledger.onErasing(isOf);
    // 404: it has signed out, and nobody knows it any more.
    const { status } = await this.#link.ask(
      { method: "DELETE", path, token: KEYS.admin },
      [202, 404],
    );
    if (status === 404) return;
    for (;;) {
      const asked = { method: "GET", path: `/api/erasures/${publicToken}`, token: KEYS.admin };
      const { json } = await this.#link.ask(asked, [200]);
      if (isRecord(json) && json.state === "done") break;
      await this.#link.wait(ASK_EVERY_MS);
    }
    ledger.onErased(ids);
  }

  /** What the rooms still have of a person. A node that knew nothing of the erasure may have accepted something since. */
  async #checkRooms(publicToken: string): Promise<void> {
    const { ledger, rooms, actor } = this.#options;
    const { deleted } = ledger.changes;
    for (const room of rooms) {
      const path = `/api/channels/${room}/messages?limit=100`;
      const { messages } = read(
        await this.#link.ask({ method: "GET", path, token: KEYS.admin }, [200]),
        isHistoryReply,
      );
      for (const { id, from } of messages) {
        if (from?.publicToken !== publicToken || !deleted.has(id)) continue;
        ledger.violate("M50", `${actor.name} found ${id} of a person who was erased`);
      }
    }
  }
}
