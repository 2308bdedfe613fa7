import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Choices } from "../choices.ts";
import type { Coverage } from "../coverage.ts";
import type { Ledger } from "../ledger.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Actor } from "../actor.ts";
import type { Application } from "./application.ts";
import { AGENT } from "../rooms.ts";
import { Agent } from "./agent.ts";
import { BackEnd } from "./back_end.ts";
import { Eraser } from "./eraser.ts";
import { FickleReactor } from "./fickle_reactor.ts";
import { Intruder } from "./intruder.ts";
import { Link, NO_FAULTS } from "./link.ts";
import { Moderator } from "./moderator.ts";
import type { SimulatedNode } from "./node.ts";
import { Reactor } from "./reactor.ts";
import { Replier } from "./replier.ts";
import { TeamMember } from "./team.ts";
import { Program, type ProgramOptions, type Someone } from "./program.ts";

export interface ParticipantsOptions {
  readonly scheduler: Scheduler;
  readonly world: Actor;
  readonly seed: number;
  readonly random: SeededRandom;
  readonly nodes: readonly SimulatedNode[];
  readonly ledger: Ledger;
  readonly choices: Choices;
  readonly coverage: Coverage;
  readonly rooms: readonly string[];
  /** Those who are signed in, by their public tokens. */
  readonly people: Map<string, Someone>;
  /** A session that has ended is refused everywhere after this time in ms. */
  readonly endsWithinMs: number;
  /** Whose users they are; absent for guests. */
  readonly application: Application | undefined;
  /** Whether messages may be edited and deleted. */
  readonly hasChanges: boolean;
  /** Whether each has a room as a visitor. */
  readonly hasVisitors: boolean;
  /** Simulated times in ms: nobody starts a message after `sending`, and nothing goes wrong after `calm`. */
  readonly times: { readonly sending: number; readonly calm: number };
}

/** Programs that use the API, and perhaps a back end and an administrator, over links that lose and repeat requests. */
export class Participants {
  /** Those whose requests must have been answered in the end. */
  readonly senders: { readonly isComplete: boolean }[] = [];
  readonly #options: ParticipantsOptions;
  readonly #links: Link[] = [];
  readonly #team: TeamMember[] = [];
  readonly #faults: Link["faults"];

  constructor(options: ParticipantsOptions) {
    this.#options = options;
    const { seed, random, world, hasChanges, hasVisitors, times } = options;
    this.#faults = {
      lostRequest: random.next() * 0.15,
      lostReply: random.next() * 0.15,
      repeatedRequest: random.next() * 0.1,
    };
    const count = 2 + Math.floor(random.next() * 3);
    for (let number = 1; number <= count; number++) this.#addProgram(number);
    if (random.next() < 0.6) this.#addBackEnd();
    if (hasChanges && new SeededRandom(seed, "changes").next() < 0.6) this.#addModerator();
    if (hasChanges && new SeededRandom(seed, "erasures").next() < 0.3) this.#addEraser();
    const hasTeam = hasChanges && new SeededRandom(seed, "team").next() < 0.5;
    if (hasTeam) this.#addTeam();
    const reactions = new SeededRandom(seed, "reactions");
    if (hasChanges && reactions.next() < 0.4) this.#addReactors(reactions);
    const regrets = new SeededRandom(seed, "regrets");
    if (hasChanges && regrets.next() < 0.3) this.#addFickleReactor(regrets);
    const replies = new SeededRandom(seed, "replies");
    if (hasChanges && replies.next() < 0.4) this.#addReplier(replies);
    if (hasVisitors) this.#addAgent(new SeededRandom(seed, "visitors"));
    world.after(times.calm, "lets everything work", () => {
      for (const link of this.#links) link.faults = NO_FAULTS;
    });
  }

  #addProgram(number: number): void {
    const { random, world, endsWithinMs, times: { calm } } = this.#options;
    const { options, begin } = this.#prepare(`program ${number}`, number);
    const program = new Program({ ...options, endsWithinMs });
    this.senders.push(program);
    begin(() => program.run());
    if (random.next() < 0.4) {
      const at = random.between(3_000, calm);
      const wakesAt = Math.min(at + random.between(1_000, 25_000), calm);
      world.after(at, `lets program ${number} sleep`, () => options.actor.pause());
      world.after(wakesAt, `wakes program ${number}`, () => options.actor.resume());
    }
    if (random.next() < 0.1) {
      const at = random.between(5_000, calm);
      world.after(at, `lets program ${number} sign out`, () => void program.signOut());
    }
  }

  #addBackEnd(): void {
    const { options, begin } = this.#prepare("back end", 100);
    const kickEveryMs = this.#options.random.next() < 0.3 ? 30_000 : Infinity;
    const backEnd = new BackEnd({ ...options, kickEveryMs });
    begin(() => backEnd.run());
  }

  #addModerator(): void {
    const { options, begin } = this.#prepare("moderator", 101);
    const moderator = new Moderator(options);
    this.senders.push(moderator);
    begin(() => moderator.run());
  }

  #addEraser(): void {
    const { options, begin } = this.#prepare("eraser", 102);
    const eraser = new Eraser(options);
    this.senders.push(eraser);
    begin(() => eraser.run());
  }

  #addReactors(random: SeededRandom): void {
    for (const number of [1, 2]) {
      const { options, begin } = this.#prepare(`reactor ${number}`, 105 + number, random);
      const reactor = new Reactor(options);
      this.senders.push(reactor);
      begin(() => reactor.run());
    }
  }

  #addFickleReactor(random: SeededRandom): void {
    const { coverage } = this.#options;
    const { options, begin } = this.#prepare("fickle reactor", 108, random);
    options.link.faults = NO_FAULTS;
    const reactor = new FickleReactor({ ...options, coverage });
    this.senders.push(reactor);
    begin(() => reactor.run());
  }

  #addReplier(random: SeededRandom): void {
    const { coverage, endsWithinMs } = this.#options;
    const { options, begin } = this.#prepare("replier", 109, random);
    const replier = new Replier({ ...options, coverage, endsWithinMs });
    this.senders.push(replier);
    begin(() => replier.run());
  }

  /** Who answers visitors, and somebody who must not see what they write. */
  #addAgent(random: SeededRandom): void {
    const { coverage } = this.#options;
    const prepared = this.#prepare(AGENT, 110, random);
    const agent = new Agent({ ...prepared.options, coverage });
    this.senders.push(agent);
    prepared.begin(() => agent.run());
    const { options, begin } = this.#prepare("intruder", 111, random);
    const intruder = new Intruder({ ...options, coverage });
    begin(() => intruder.run());
  }

  #addTeam(): void {
    for (const number of [1, 2]) {
      const { options, begin } = this.#prepare(`member ${number}`, 102 + number);
      const member = new TeamMember(options);
      this.senders.push(member);
      this.#team.push(member);
      begin(() => member.run());
    }
    const team = this.#team;
    this.senders.push({
      get isComplete() {
        return team.every((one) => team.every((other) => one.hasEventsOf(other)));
      },
    });
  }

  /** At the end, when everybody has had the time to get everything. */
  checkEnd(): void {
    const [one, other] = this.#team;
    if (one && other) one.checkEnd(other);
  }

  /** Draws what a participant does, and when `begin` lets it start, unless the run leaves it out. */
  #prepare(name: string, number: number, random = this.#options.random): Prepared {
    const { scheduler, seed, nodes, ledger, choices, rooms, people, times } = this.#options;
    const { application, hasVisitors } = this.#options;
    const actor = scheduler.actor(name);
    const link = new Link(actor, { nodes, address: `203.0.113.${number}`, seed });
    link.faults = this.#faults;
    this.#links.push(link);
    const options = {
      ...{ actor, link, ledger, seed, people, application, hasVisitors },
      rooms: rooms.filter((_, room) => random.next() < 0.6 || room === 0),
      sendEveryMs: random.between(200, 4_000),
      sendsUntil: times.sending,
    };
    const at = random.between(0, 3_000);
    const begin = (run: () => Promise<void>) => {
      if (!choices.allows(name)) return;
      actor.after(at, "starts", () => {
        run().catch((error) => ledger.violate("K14", errorText(error)));
      });
    };
    return { options, begin };
  }
}

interface Prepared {
  readonly options: Omit<ProgramOptions, "endsWithinMs">;
  readonly begin: (run: () => Promise<void>) => void;
}

export function errorText(error: unknown): string {
  return error instanceof Error && error.stack || String(error);
}
