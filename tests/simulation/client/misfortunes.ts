import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { Choices } from "../choices.ts";
import type { Coverage } from "../coverage.ts";
import { DEVICE_EVENTS, type DeviceEvent } from "./device_events.ts";
import type { Network } from "./network.ts";
import { type FaultRates, NETWORK_FAULTS } from "./network_faults.ts";
import type { Person } from "./person.ts";

export interface MisfortunesOptions {
  readonly world: Actor;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly persons: readonly Person[];
  readonly choices: Choices;
  readonly coverage: Coverage;
  /** When all of it ends: simulated time in ms. */
  readonly calm: number;
}

/** Maximum number of events of devices in a run. */
const MAX_EVENTS = 40;

const KINDS = Object.keys(DEVICE_EVENTS).filter(isDeviceEvent);

/** Plans what happens to the network, to devices and to tabs, and the calm in the end. */
export function planMisfortunes(options: MisfortunesOptions): void {
  const { world, random, network, persons, choices, coverage, calm } = options;
  network.rates = drawRates(random, choices);
  const count = Math.floor(random.between(0, MAX_EVENTS));
  for (let n = 0; n < count; n++) {
    const kind = random.pick(KINDS);
    const person = random.pick(persons);
    const device = random.pick(person?.devices ?? []);
    const at = random.between(2_000, calm);
    if (!kind || !person || !device) continue;
    const what = `${device.name} ${kind}`;
    if (!choices.allows(`${what} (${n})`)) continue;
    world.after(at, what, () => {
      coverage.add(kind, person.phasesOf(device));
      DEVICE_EVENTS[kind]({ world, random, person, device });
    });
  }
  for (const person of persons) {
    const [isLeaving, at] = [random.next() < 0.1, random.between(2_000, calm)];
    if (!isLeaving || !choices.allows(`${person.name} signs out`)) continue;
    world.after(at, `lets ${person.name} sign out`, () => {
      coverage.add("signs out", person.devices.flatMap((device) => person.phasesOf(device)));
      person.signOut();
    });
  }
  world.after(calm, "ends all misfortunes", () => {
    network.rates = {};
    for (const person of persons) person.bringBack();
  });
}

/** Some runs have no faults of the network, others many of one kind. */
function drawRates(random: SeededRandom, choices: Choices): FaultRates {
  const strength = random.next() < 0.2 ? 0 : random.next() ** 2 * 0.3;
  const rates = NETWORK_FAULTS.map((fault) => [fault, strength * random.next()] as const);
  return Object.fromEntries(rates.filter(([fault, rate]) => rate > 0 && choices.allows(fault)));
}

function isDeviceEvent(name: string): name is DeviceEvent {
  return name in DEVICE_EVENTS;
}
