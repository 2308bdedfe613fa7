import { signIn } from "../../../client/comet/halley.ts";
import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { Ledger } from "../ledger.ts";
import type { Someone } from "../server/program.ts";
import type { Device } from "./device.ts";
import { Outgoing } from "./outgoing.ts";
import { SERVER, Visit } from "./visit.ts";

export interface PersonOptions {
  readonly actor: Actor;
  readonly ledger: Ledger;
  readonly seed: number;
  readonly devices: readonly Device[];
  readonly rooms: readonly string[];
  /** Mean time between two messages, in ms. */
  readonly writeEveryMs: number;
  /** Nobody writes a message after this simulated time. */
  readonly writesUntil: number;
  /** Those who can be written to, by their public tokens. */
  readonly people: Map<string, Someone>;
}

/** Rooms that a person joins, leaves and looks back at. */
const ROOMS_TO_VISIT = ["room:tea", "room:milk", "room:lobby"] as const;

/** Maximum number of open tabs on each device. */
const MAX_TABS = 4;

/** Somebody who reads and writes in tabs on one or more devices. What they do depends on the seed. */
export class Person implements Someone {
  readonly devices: readonly Device[];
  readonly #options: PersonOptions;
  readonly #random: SeededRandom;
  readonly #outgoing: Outgoing;
  readonly #visits: Visit[] = [];
  #session: { readonly publicToken: string; readonly privateToken: string } | undefined;
  #isLeaving = false;

  constructor(options: PersonOptions) {
    this.#options = options;
    this.devices = options.devices;
    const { name } = options.actor;
    this.#random = new SeededRandom(options.seed, name);
    this.#outgoing = new Outgoing({
      name,
      ledger: options.ledger,
      awake: () => this.visits.filter((visit) => visit.isAwake && visit.tab.device.isOnline),
      isLeaving: () => this.#isLeaving,
    });
  }

  /** Their open tabs. */
  get visits(): readonly Visit[] {
    return this.#visits.filter(({ tab }) => tab.isOpen);
  }

  get name(): string {
    return this.#options.actor.name;
  }

  pickRoom(): string {
    return this.#random.pick(ROOMS_TO_VISIT) ?? "";
  }

  visitsOn(device: Device): readonly Visit[] {
    return this.visits.filter(({ tab }) => tab.device === device);
  }

  /** Signs in, opens tabs and writes. */
  async start(): Promise<void> {
    const { actor, people } = this.#options;
    const session = this.#session = await this.#signIn();
    people.set(session.publicToken, this);
    for (const device of this.devices) this.open(device);
    this.#writeLater();
    actor.note("has signed in");
  }

  /** Opens a tab, if there are not too many. */
  open(device: Device): void {
    if (!this.#session || this.#isLeaving || device.isAsleep) return;
    if (device.tabs.length >= MAX_TABS) return;
    const { ledger, rooms } = this.#options;
    const tab = device.openTab();
    const { publicToken, privateToken } = this.#session;
    const isLeaving = () => this.#isLeaving;
    // The page needs a moment to load.
    tab.actor.after(this.#random.between(10, 500), "loads", () => {
      const options = { tab, ledger, publicToken, privateToken, rooms, isLeaving };
      this.#visits.push(new Visit(options));
      this.#outgoing.continue();
    });
  }

  end(visit: Visit, how: "close" | "kill"): void {
    visit.end(how);
    this.#options.actor.after(this.#random.between(1, 2_000), "looks at another tab", () => {
      this.#outgoing.continue();
      if (this.visits.length === 0) this.open(visit.tab.device);
    });
  }

  /** Signs out in one of the tabs: then all of them must stop. */
  signOut(): void {
    const visit = this.#random.pick(this.visits.filter(({ isAwake }) => isAwake));
    if (!visit || this.#isLeaving || !this.#session) return;
    this.onEnding();
    this.#signOutIn(visit);
  }

  onEnding(): void {
    this.#isLeaving = true;
    this.#options.people.delete(this.#session?.publicToken ?? "");
  }

  /** At the end, tabs that have not stopped are found. */
  checkEnded(): Promise<void> {
    return Promise.resolve();
  }

  /** Everything that is asleep, offline or frozen works again. */
  bringBack(): void {
    for (const device of this.devices) {
      device.wake(false);
      device.setOnline(true);
      device.calmChannel();
    }
    for (const { tab } of this.visits) {
      if (tab.isFrozen) tab.thaw();
    }
    this.#outgoing.continue();
    if (this.visits.length === 0 && this.devices[0]) this.open(this.devices[0]);
  }

  /** What they are doing on a device. */
  phasesOf(device: Device): string[] {
    const visits = this.visitsOn(device);
    const states = visits.map(({ tab, client }) => tab.isFrozen ? "frozen" : client.state.name);
    return [
      ...new Set(states),
      ...(device.isAsleep ? ["asleep"] : []),
      ...(visits.length > 1 ? ["several tabs"] : []),
      ...(visits.length === 0 ? ["no tab"] : []),
      ...(this.#outgoing.isEmpty ? [] : ["sending"]),
    ];
  }

  /** Whether every message was confirmed, or the session has ended and every tab knows. */
  get isComplete(): boolean {
    return this.#isLeaving
      ? this.visits.every(({ client }) => client.state.name === "stopped")
      : this.#outgoing.isEmpty;
  }

  /** At the end: whether every message was confirmed, and whether every tab has stopped if the session has ended. */
  checkEnd(): void {
    const { ledger } = this.#options;
    if (!this.#isLeaving) {
      if (this.#outgoing.isEmpty) return;
      return ledger.violate("K14", `${this.name} has messages that were never confirmed`);
    }
    for (const { tab, client } of this.visits) {
      if (client.state.name === "stopped") continue;
      ledger.violate(
        "C40",
        `${tab.actor.name} is ${client.state.name} after the session has ended`,
      );
    }
  }

  /** Signs out, and if nothing has confirmed that, again in any tab. */
  async #signOutIn(visit: Visit): Promise<void> {
    try {
      await visit.client.signOut();
    } catch (error) {
      const { actor } = this.#options;
      actor.note(`cannot sign out: ${error}`);
      await actor.later(1_000, "signs out again", () => {});
      const next = this.visits.find(({ isAwake }) => isAwake);
      if (next && next.client.state.name !== "stopped") await this.#signOutIn(next);
    }
  }

  /** In a page that is not kept. */
  async #signIn(): Promise<{ publicToken: string; privateToken: string }> {
    const { actor, devices: [device] } = this.#options;
    if (device === undefined) throw new Error(`${actor.name} has no device`);
    const { platform } = device.openTab();
    const options = { url: SERVER, displayName: actor.name, platform };
    for (;;) {
      try {
        return await signIn(options);
      } catch (error) {
        actor.note(`cannot sign in: ${error}`);
        await actor.later(this.#random.between(100, 2_000), "signs in again", () => {});
      }
    }
  }

  #writeLater(): void {
    const { actor, writeEveryMs, writesUntil } = this.#options;
    actor.after(writeEveryMs * -Math.log(1 - this.#random.next()), "writes", () => {
      if (actor.now > writesUntil || this.#isLeaving) return;
      this.#write();
      this.#writeLater();
    });
  }

  #write(): void {
    const { rooms, people } = this.#options;
    const own = this.#session?.publicToken ?? "";
    const isDirect = this.#random.next() < 0.3;
    const other = this.#random.pick([...people.keys()].filter((token) => token !== own));
    const room = this.#random.pick(rooms) ?? "room:lobby";
    if (!isDirect || other === undefined) return this.#outgoing.write(room, room);
    const pair = [own, other].sort().join(":");
    this.#outgoing.write(`direct:${other}`, `direct:${pair}`);
  }
}
