import { isPollReply, isRecord } from "../../../server/protocol/guards.ts";
import type { Coverage } from "../coverage.ts";
import { VISITOR_ROOMS, visitorRoomOf } from "../rooms.ts";
import { PatientLink, read } from "./patient_link.ts";
import type { ProgramOptions } from "./program.ts";

export interface IntruderOptions extends Omit<ProgramOptions, "endsWithinMs"> {
  readonly coverage: Coverage;
}

/** Somebody who tries to read the rooms of visitors and to write there, by every route. Nothing of it may succeed. */
export class Intruder {
  readonly #options: IntruderOptions;
  readonly #link: PatientLink;

  constructor(options: IntruderOptions) {
    this.#options = options;
    this.#link = new PatientLink(options);
  }

  async run(): Promise<void> {
    const { actor, people, sendEveryMs, sendsUntil } = this.#options;
    const own = await this.#link.signIn();
    for (;;) {
      await this.#link.waitForNext(sendEveryMs);
      if (actor.now > sendsUntil) return;
      const others = [...people.keys()].filter((publicToken) => publicToken !== own);
      const visitor = this.#link.random.pick(others);
      if (visitor !== undefined) await this.#intrude(visitorRoomOf(visitor));
    }
  }

  async #intrude(room: string): Promise<void> {
    const { coverage } = this.#options;
    const path = `/api/channels/${room}/messages`;
    await this.#expectRefusal({ method: "GET", path });
    await this.#expectRefusal({
      method: "POST",
      path: "/api/messages",
      body: { channel: room, text: `${this.#options.actor.name} in ${room}` },
    });
    const channels = [room, VISITOR_ROOMS];
    // From the beginning of the log: all that was written there would be found.
    const body = { channels, tab: "1", hold: 500 };
    const request = { method: "POST", path: "/api/poll", body };
    const { messages, refused = [] } = read(await this.#link.ask(request), isPollReply);
    const open = channels.filter((one) => !refused.some(({ channel }) => channel === one));
    if (messages.length > 0 || open.length > 0) this.#violate(`a poll for ${open.join()}`);
    coverage.add("visitor's room", ["closed to others"]);
  }

  async #expectRefusal(request: { method: string; path: string; body?: unknown }): Promise<void> {
    const answer = await this.#link.ask(request, [200, 201, 403]);
    const { code } = isRecord(answer.json) ? answer.json : {};
    if (code !== "not_allowed") this.#violate(`${request.method} ${request.path}`);
  }

  #violate(what: string): void {
    const { actor: { name }, ledger } = this.#options;
    ledger.violate("R10", `${name} was not refused: ${what}`);
  }
}
