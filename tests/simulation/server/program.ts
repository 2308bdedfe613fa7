import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import { isMessage, isPollReply, isSignedIn } from "../../../server/protocol/guards.ts";
import type { Actor } from "../actor.ts";
import type { Ledger } from "../ledger.ts";
import type { ReaderRecord } from "../reader_record.ts";
import type { Link, ProgramReply, ProgramRequest } from "./link.ts";

export interface ProgramOptions {
  readonly actor: Actor;
  readonly link: Link;
  readonly ledger: Ledger;
  readonly seed: number;
  readonly rooms: readonly string[];
  /** Mean time between two messages, in ms. */
  readonly sendEveryMs: number;
  /** Nobody starts a message after this simulated time. */
  readonly sendsUntil: number;
  /** The public tokens of those who can be written to. */
  readonly people: Set<string>;
}

/** After a failure, a program tries again after up to this time, in ms. */
const RETRY_MS = 2_000;

/**
 * A program that uses the API without the library, as docs/API.md describes it: it signs in, polls with its cursor, and
 * repeats a message with the same key until it has a reply. So the server is also tested where the library is patient.
 */
export class Program {
  readonly #options: ProgramOptions;
  readonly #random: SeededRandom;
  #token = "";
  #publicToken = "";
  #reader: ReaderRecord | undefined;
  #cursor: string | undefined;
  #turn = 0;
  #sent = 0;
  #isSigningOut = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed, options.actor.name);
  }

  async run(): Promise<void> {
    const { actor, ledger, rooms, people } = this.#options;
    const { name } = actor;
    const signedIn = await this.#repeat({
      method: "POST",
      path: "/api/sessions",
      body: { displayName: name },
    });
    const { publicToken, privateToken } = read(signedIn, isSignedIn);
    this.#token = privateToken;
    this.#publicToken = publicToken;
    people.add(publicToken);
    this.#reader = ledger.addReader({ name, publicToken, rooms });
    await Promise.all([this.#read(), this.#send()]);
  }

  /** Signs out, and checks that the token is refused from then on. */
  async signOut(): Promise<void> {
    if (this.#token === "") return;
    this.#isSigningOut = true;
    this.#reader?.leave();
    this.#options.people.delete(this.#publicToken);
    const request = { method: "DELETE", path: "/api/session", token: this.#token };
    const reply = await this.#repeat(request, [204, 401]);
    if (reply.status === 401) return;
    for (let n = 0; n < 3; n++) {
      const { status } = await this.#repeat({ ...request, method: "GET" }, [200, 401]);
      if (status === 401) continue;
      this.#options.ledger.violate("S2", `${this.#options.actor.name} is still signed in`);
    }
  }

  async #read(): Promise<void> {
    const { rooms: channels } = this.#options;
    for (;;) {
      const body = {
        channels,
        tab: "1",
        turn: ++this.#turn,
        hold: this.#random.next() < 0.3 ? 1_000 : 10_000,
        ...(this.#cursor !== undefined && { cursor: this.#cursor }),
      };
      const request = { method: "POST", path: "/api/poll", body, token: this.#token };
      const answer = await this.#repeat(request, [200, 401]);
      if (answer.status === 401 || this.#isSigningOut) return this.#stop(answer);
      const reply = read(answer, isPollReply);
      if (reply.outcome === "cancelled") {
        // A repeated request of an earlier poll can be the later one for a moment.
        if (reply.reason !== "superseded") return this.#stop(answer);
        await this.#wait(500);
        continue;
      }
      if (reply.gap) this.#reader?.onGap();
      for (const message of reply.messages) this.#reader?.onMessage(message);
      this.#cursor = reply.cursor;
      this.#reader?.onCursor(reply.cursor);
      if (reply.retryAfter > 0) await this.#wait(reply.retryAfter);
    }
  }

  #stop(answer: ProgramReply): void {
    if (!this.#isSigningOut) this.#reader?.onStopped(JSON.stringify(answer.json));
  }

  async #send(): Promise<void> {
    const { actor, ledger, sendEveryMs, sendsUntil } = this.#options;
    for (;;) {
      await this.#wait(sendEveryMs * -Math.log(1 - this.#random.next()));
      if (actor.now > sendsUntil || this.#isSigningOut) return;
      const text = `${actor.name} #${++this.#sent}`;
      const { address, channel } = this.#recipient();
      ledger.onSending({ text, sender: actor.name, channel });
      const answer = await this.#repeat({
        method: "POST",
        path: "/api/messages",
        body: { channel: address, text, key: text.replaceAll(/[ #]+/g, "-") },
        token: this.#token,
      }, [200, 201, 401, 404]);
      // The recipient may have signed out.
      if (answer.status < 300) ledger.onAcknowledged(read(answer, isMessage));
    }
  }

  #recipient(): { readonly address: string; readonly channel: string } {
    const { rooms, people } = this.#options;
    const others = [...people].filter((token) => token !== this.#publicToken);
    const isDirect = this.#random.next() < 0.3;
    const person = this.#random.pick(others);
    const room = this.#random.pick(rooms) ?? "room:lobby";
    if (!isDirect || person === undefined) return { address: room, channel: room };
    const pair = [this.#publicToken, person].sort();
    return { address: `direct:${person}`, channel: `direct:${pair.join(":")}` };
  }

  /** Sends a request until it has a reply with one of these statuses. */
  async #repeat(request: ProgramRequest, accepted = [200, 201]): Promise<ProgramReply> {
    for (;;) {
      try {
        const reply = await this.#options.link.send(request);
        if (accepted.includes(reply.status)) return reply;
        if (reply.status < 429) {
          const { path } = request;
          const answer = `${path}: ${reply.status} ${JSON.stringify(reply.json)}`;
          this.#options.ledger.violate("R4", `${this.#options.actor.name}: ${answer}`);
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      await this.#wait(RETRY_MS * this.#random.next());
    }
  }

  #wait(ms: number): Promise<void> {
    return this.#options.actor.later(ms, "waits", () => {});
  }
}

/** The body of a reply, which must be what the server has promised. */
function read<T>({ status, json }: ProgramReply, isValid: (value: unknown) => value is T): T {
  if (isValid(json)) return json;
  throw new Error(`${status} with an invalid body: ${JSON.stringify(json)}`);
}
