import { Api, signIn } from "../../../client/comet/api.ts";
import { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import { isSessionReply } from "../../../server/protocol/guards.ts";
import type { Actor } from "../actor.ts";
import type { Ledger } from "../ledger.ts";
import { visitorRoomOf } from "../rooms.ts";
import type { Application } from "../server/application.ts";
import type { Someone } from "../server/program.ts";
import type { Device } from "./device.ts";
import { Unsent } from "./device_outbox.ts";
import type { Tab } from "./tab.ts";
import { type Access, SERVER, Visit } from "./visit.ts";

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
  /** Whether the person has a room as a visitor. */
  readonly hasVisitors: boolean;
  /** Whose user the person is; absent for a guest. */
  readonly application: Application | undefined;
}

/** Rooms that a person joins, leaves and looks back at. */
const ROOMS_TO_VISIT = ["room:tea", "room:milk", "room:lobby"] as const;

/** Maximum time in ms that the application needs for a token. */
const TOKEN_MS = 500;

/** Maximum number of open tabs on each device. */
const MAX_TABS = 4;

/** Somebody who reads and writes in tabs on one or more devices. What they do depends on the seed. */
export class Person implements Someone {
  readonly devices: readonly Device[];
  readonly #options: PersonOptions;
  readonly #random: SeededRandom;
  readonly #visits: Visit[] = [];
  readonly #unsent = new Map<Device, Unsent>();
  #session: { readonly publicToken: string; readonly privateToken?: string } | undefined;
  #isLeaving = false;
  #written = 0;

  constructor(options: PersonOptions) {
    this.#options = options;
    this.devices = options.devices;
    this.#random = new SeededRandom(options.seed, options.actor.name);
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
    const { ledger, seed } = this.#options;
    const tab = device.openTab();
    const { publicToken, privateToken } = this.#session;
    const options = {
      ...{ tab, ledger, publicToken, rooms: this.#rooms },
      access: privateToken === undefined ? this.#accessOf(tab) : { privateToken },
      random: new SeededRandom(seed, `${tab.actor.name} outbox`),
      cursor: this.#random.next() < 0.5 ? device.cursor : undefined,
      unsent: this.#unsentOn(device),
      isLeaving: () => this.#isLeaving,
    };
    // The page needs a moment to load.
    tab.actor.after(this.#random.between(10, 500), "loads", () => {
      this.#visits.push(new Visit(options));
    });
  }

  end(visit: Visit, how: "close" | "kill"): void {
    visit.end(how);
    this.#options.actor.after(this.#random.between(1, 2_000), "looks for another tab", () => {
      if (this.visits.length === 0) this.open(visit.tab.device);
    });
  }

  /** Signs out in one of the tabs: then all of them must stop. */
  signOut(): void {
    const visit = this.#random.pick(this.visits.filter(({ isAwake }) => isAwake));
    if (!visit || this.#isLeaving || !this.#session) return;
    this.onEnding();
    this.#signOutUntilDone();
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
      // The person looks at each tab.
      tab.actor.after(0, "is looked at", () => {
        tab.setHidden(true);
        tab.setHidden(false);
      });
    }
    for (const device of this.devices) {
      if (this.visitsOn(device).length === 0 && this.#isSendingOn(device)) this.open(device);
    }
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
      ...(this.#isSendingOn(device) ? ["sending"] : []),
    ];
  }

  /** Whether every message was confirmed, or the session has ended and every tab knows. */
  get isComplete(): boolean {
    return this.#isLeaving
      ? this.visits.every(({ client }) => client.state.name === "stopped")
      : this.visits.every(({ outbox }) => outbox.waiting.length === 0) &&
        this.devices.every((device) => !this.#isSendingOn(device));
  }

  /** At the end: whether every message was confirmed, and whether every tab has stopped if the session has ended. */
  checkEnd(): void {
    const { ledger } = this.#options;
    for (const { tab, outbox } of this.#isLeaving ? [] : this.visits) {
      if (outbox.waiting.length === 0) continue;
      ledger.violate("U12", `${tab.actor.name} has not sent ${outbox.waiting.join(", ")}`);
    }
    for (const device of this.#isLeaving ? [] : this.devices) {
      if (this.#isSendingOn(device)) ledger.violate("U12", `${device.name} has unsent messages`);
    }
    for (const { tab, client } of this.#isLeaving ? this.visits : []) {
      if (client.state.name === "stopped") continue;
      ledger.violate(
        "C40",
        `${tab.actor.name} is ${client.state.name} after the session has ended`,
      );
    }
  }

  /** Signs out in any tab, until all have stopped: a tab can be killed, and a reply be lost. */
  #signOutUntilDone(): void {
    const polling = this.visits.filter(({ client }) => client.state.name !== "stopped");
    if (polling.length === 0) return;
    const visit = this.#random.pick(polling.filter(({ isAwake }) => isAwake));
    visit?.client.signOut().catch((error) => visit.tab.actor.note(`cannot sign out: ${error}`));
    this.#options.actor.after(3_000, "looks whether it has signed out", () => {
      this.#signOutUntilDone();
    });
  }

  #unsentOn(device: Device): Unsent {
    const unsent = this.#unsent.get(device) ?? new Unsent(device.database);
    this.#unsent.set(device, unsent);
    return unsent;
  }

  get #rooms(): readonly string[] {
    const { rooms, hasVisitors } = this.#options;
    const own = this.#session?.publicToken;
    return hasVisitors && own !== undefined ? [...rooms, visitorRoomOf(own)] : rooms;
  }

  #isSendingOn(device: Device): boolean {
    return this.#unsentOn(device).isWaiting;
  }

  /** The page asks the application for a token, whenever it needs one. */
  #accessOf({ actor }: Tab): Access {
    const { application, actor: { name } } = this.#options;
    let issue = () => application?.tokenFor(name);
    const getToken = () =>
      actor.later(this.#random.between(1, TOKEN_MS), "asks for a token", () => {
        if (this.#isLeaving) return undefined;
        const token = issue();
        issue = () => application?.renew(name, "of a tab");
        return token;
      });
    return { getToken, user: name };
  }

  /** In a page that is not kept. */
  async #signIn(): Promise<{ publicToken: string; privateToken?: string }> {
    const { actor, application, devices: [device] } = this.#options;
    if (device === undefined) throw new Error(`${actor.name} has no device`);
    const tab = device.openTab();
    const { platform } = tab;
    const options = { url: SERVER, displayName: actor.name, platform };
    const api = new Api({ url: SERVER, ...this.#accessOf(tab) }, platform);
    const request = { method: "GET", path: "api/session", isReply: isSessionReply } as const;
    for (;;) {
      try {
        if (application === undefined) return await signIn(options);
        const { publicToken } = await api.request(request);
        return { publicToken };
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
    const { people } = this.#options;
    const own = this.#session?.publicToken ?? "";
    const isDirect = this.#random.next() < 0.3;
    const other = this.#random.pick([...people.keys()].filter((token) => token !== own));
    const room = this.#random.pick(this.#rooms) ?? "room:lobby";
    const isRoom = !isDirect || other === undefined;
    const visit = this.#random.pick(this.visits.filter(({ isAwake }) => isAwake));
    if (!visit) return;
    const text = `${visit.tab.device.name} #${++this.#written}`;
    visit.outbox.write(isRoom ? room : `direct:${[own, other].sort().join(":")}`, text);
  }
}
