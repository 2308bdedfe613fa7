import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { Device } from "./device.ts";
import type { Person } from "./person.ts";
import type { Visit } from "./visit.ts";

/** What an event happens to. */
interface Chosen {
  readonly world: Actor;
  readonly random: SeededRandom;
  readonly person: Person;
  readonly device: Device;
}

/** What can happen to a device or to one of its tabs. */
export const DEVICE_EVENTS = {
  "opens a tab": ({ person, device }) => person.open(device),
  "closes a tab": (chosen) => {
    const visit = awakeTab(chosen);
    if (visit) chosen.person.end(visit, "close");
  },
  "kills a tab": (chosen) => {
    const { person, device, random } = chosen;
    const visit = random.pick(person.visitsOn(device));
    if (visit) person.end(visit, "kill");
  },
  "freezes a tab": (chosen) => {
    const { random, world } = chosen;
    const tab = awakeTab(chosen)?.tab;
    if (!tab) return;
    tab.freeze();
    world.after(duration(random), "returns to a tab", () => {
      if (tab.isFrozen) tab.thaw();
    });
  },
  "joins or leaves rooms": ({ person, device }) => {
    for (const visit of person.visitsOn(device)) {
      if (visit.isAwake) visit.toggle(person.pickRoom());
    }
  },
  "reads a history": (chosen) => {
    const limit = Math.ceil(100 ** chosen.random.next());
    void awakeTab(chosen)?.checkHistory(chosen.person.pickRoom(), limit);
  },
  "hides or shows a tab": (chosen) => {
    const tab = awakeTab(chosen)?.tab;
    tab?.setHidden(!tab.platform.document.hidden);
  },
  "closes the lid": ({ device, random, world }) => {
    device.sleep();
    const breaks = random.next() < 0.5;
    world.after(duration(random), "opens the lid", () => device.wake(breaks));
  },
  "loses the network": ({ device, random, world }) => {
    device.setOnline(false);
    world.after(duration(random), "has the network again", () => device.setOnline(true));
  },
  "sets the clock": ({ device, random }) => {
    device.aheadMs += random.between(-1, 1) * 10 ** random.between(1, 7);
  },
  "loses messages between tabs": ({ device, random, world }) => {
    Object.assign(device.channel, { loss: random.next() * 0.5, delay: random.between(0, 500) });
    world.after(duration(random), "delivers messages between tabs", () => {
      device.calmChannel();
    });
  },
} as const satisfies Record<string, (chosen: Chosen) => void>;

export type DeviceEvent = keyof typeof DEVICE_EVENTS;

/** From 10 ms to 30 s: short times as often as long ones. */
function duration(random: SeededRandom): number {
  return 10 * 3_000 ** random.next();
}

function awakeTab({ person, device, random }: Chosen): Visit | undefined {
  return random.pick(person.visitsOn(device).filter(({ isAwake }) => isAwake));
}
