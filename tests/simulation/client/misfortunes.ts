import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { Device } from "./device.ts";
import type { Network } from "./network.ts";
import { type FaultRates, NETWORK_FAULTS } from "./network_faults.ts";
import type { Person } from "./person.ts";

export interface MisfortunesOptions {
  readonly world: Actor;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly persons: readonly Person[];
  /** When all of it ends: simulated time in ms. */
  readonly calm: number;
}

/** What can happen to a device or one of its tabs. */
const EVENTS = {
  "opens a tab": ({ person, device }) => person.open(device),
  "closes a tab": (chosen) => endTab(chosen, "close"),
  "kills a tab": (chosen) => endTab(chosen, "kill"),
  "freezes a tab": ({ person, device, random, world }) => {
    const tab = random.pick(tabsOf(person, device).filter(({ isAwake }) => isAwake))?.tab;
    if (!tab) return;
    tab.freeze();
    world.after(random.between(10, 20_000), "returns to a tab", () => {
      if (tab.isFrozen) tab.thaw();
    });
  },
  "hides or shows a tab": ({ person, device, random }) => {
    const tab = random.pick(tabsOf(person, device).filter(({ isAwake }) => isAwake))?.tab;
    tab?.setHidden(!tab.platform.document.hidden);
  },
  "closes the lid": ({ device, random, world }) => {
    device.sleep();
    const breaks = random.next() < 0.5;
    world.after(random.between(10, 30_000), "opens the lid", () => device.wake(breaks));
  },
  "loses the network": ({ device, random, world }) => {
    device.setOnline(false);
    world.after(random.between(10, 10_000), "has the network again", () => device.setOnline(true));
  },
  "sets the clock": ({ device, random }) => {
    device.aheadMs += random.between(-1, 1) * 10 ** random.between(1, 7);
  },
  "loses messages between tabs": ({ device, random, world }) => {
    Object.assign(device.channel, { loss: random.next() * 0.5, delay: random.between(0, 500) });
    world.after(random.between(1_000, 10_000), "delivers messages between tabs", () => {
      Object.assign(device.channel, { loss: 0, delay: 5 });
    });
  },
} as const satisfies Record<string, (chosen: Chosen) => void>;

export type Misfortune = keyof typeof EVENTS;
export const MISFORTUNES = Object.keys(EVENTS).filter(isMisfortune);

interface Chosen {
  readonly world: Actor;
  readonly random: SeededRandom;
  readonly person: Person;
  readonly device: Device;
}

/** Plans what happens to the network, to devices and to tabs, and the calm in the end. */
export function planMisfortunes(options: MisfortunesOptions): void {
  const { world, random, network, persons, calm } = options;
  network.rates = drawRates(random);
  const count = Math.floor(random.between(0, 30));
  for (let n = 0; n < count; n++) {
    const what = random.pick(MISFORTUNES);
    const person = random.pick(persons);
    const device = random.pick(person?.devices ?? []);
    const at = random.between(2_000, calm);
    if (!what || !person || !device) continue;
    world.after(
      at,
      `${device.name} ${what}`,
      () => EVENTS[what]({ world, random, person, device }),
    );
  }
  if (random.next() < 0.3) {
    const leaver = random.pick(persons);
    world.after(random.between(2_000, calm), "lets someone sign out", () => leaver?.signOut());
  }
  world.after(calm, "ends all misfortunes", () => {
    network.rates = {};
    for (const person of persons) bringBack(person);
  });
}

/** Some runs have no faults of the network, others many of one kind. */
function drawRates(random: SeededRandom): FaultRates {
  const strength = random.next() < 0.2 ? 0 : random.next() ** 2 * 0.3;
  return Object.fromEntries(NETWORK_FAULTS.map((fault) => [fault, strength * random.next()]));
}

/** Everything that is asleep, offline or frozen works again. */
function bringBack(person: Person): void {
  for (const device of person.devices) {
    device.wake(false);
    device.setOnline(true);
    Object.assign(device.channel, { loss: 0, delay: 5 });
  }
  for (const { tab } of person.visits) {
    if (tab.isFrozen) tab.thaw();
  }
  person.continue();
}

function endTab({ person, device, random }: Chosen, how: "close" | "kill"): void {
  const visit = random.pick(
    tabsOf(person, device).filter(({ isAwake }) => isAwake || how === "kill"),
  );
  if (visit) person.end(visit, how);
}

function tabsOf(person: Person, device: Device) {
  return person.visits.filter(({ tab }) => tab.device === device);
}

function isMisfortune(name: string): name is Misfortune {
  return name in EVENTS;
}
