import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Choices } from "../choices.ts";
import type { Coverage } from "../coverage.ts";
import type { Ledger } from "../ledger.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Application } from "../server/application.ts";
import { Device } from "./device.ts";
import { planMisfortunes } from "./misfortunes.ts";
import { Network, type Upstream } from "./network.ts";
import type { Someone } from "../server/program.ts";
import { Person } from "./person.ts";

export interface PeopleOptions {
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly nodes: readonly Upstream[];
  readonly ledger: Ledger;
  readonly rooms: readonly string[];
  /** Those who can be written to, by their public tokens. */
  readonly people: Map<string, Someone>;
  /** Whether each has a room as a visitor. */
  readonly hasVisitors: boolean;
  /** Whose users they are; absent for guests. */
  readonly application: Application | undefined;
  readonly choices: Choices;
  readonly coverage: Coverage;
  /** Simulated times in ms: nobody writes after `sending`, and nothing goes wrong after `calm`. */
  readonly times: { readonly sending: number; readonly calm: number };
}

/** Lets people use the client library, on devices and over a network that fail. */
export function startPeople(options: PeopleOptions): readonly Person[] {
  const { scheduler, seed, nodes, ledger, rooms, choices, coverage, times } = options;
  const { people, application, hasVisitors } = options;
  const random = new SeededRandom(seed, "people");
  const network = new Network({
    ...{ scheduler, seed, upstreams: nodes },
    onFault: (fault, path) => coverage.add(fault, [path.replace(/(?<=channels\/)[^/]+/, "…")]),
  });
  const persons = Array.from({ length: 1 + Math.floor(random.next() * 3) }, (_, n) => {
    const name = ["alice", "bob", "carol"][n] ?? "";
    const devices = ["laptop", "phone"].slice(0, random.next() < 0.6 ? 1 : 2).map((kind, m) =>
      new Device({
        ...{ scheduler, seed, network },
        name: `${name}'s ${kind}`,
        address: `198.51.100.${10 * n + m}`,
        hasLocks: random.next() < 0.7,
        hasStorage: random.next() < 0.9,
        countsSleep: random.next() < 0.5,
        maxConnections: random.next() < 0.5 ? 6 : Infinity,
      })
    );
    const person = new Person({
      ...{ ledger, seed, devices, people, application, hasVisitors },
      actor: scheduler.actor(name),
      rooms: rooms.filter((_, room) => random.next() < 0.6 || room === 0),
      writeEveryMs: random.between(200, 5_000),
      writesUntil: times.sending,
    });
    const at = random.between(0, 3_000);
    if (!choices.allows(name)) return person;
    scheduler.actor(`${name}'s start`).after(at, "starts", () => {
      person.start().catch((error) => ledger.violate("K14", `${name} cannot start: ${error}`));
    });
    return person;
  });
  const world = scheduler.actor("surroundings");
  planMisfortunes({
    ...{ world, random, network, persons, choices, coverage },
    calm: times.calm,
  });
  return persons;
}
