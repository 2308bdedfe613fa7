import { type MonotonicTime, msBetween } from "../../base/clock.ts";
import type { Runtime, Timer } from "../../base/runtime.ts";
import type { HubEvents, SessionEnded, TabConnected } from "../model/hub_events.ts";
import type { NodeBus } from "../model/store.ts";
import type { Presence } from "../presence/presence.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";
import type { NodeEvent, NodePresence } from "../model/node_event.ts";

/** What {@linkcode Peers} is constructed from. */
export interface PeersDeps {
  readonly events: HubEvents;
  readonly bus: NodeBus;
  readonly presence: Presence;
  readonly waiting: WaitingRoom;
  readonly sessions: Sessions;
  /** The id of this node, for as long as its process lives. */
  readonly node: string;
  readonly runtime: Runtime;
}

/** Changes of presence are collected for this time in ms before they are sent to the other nodes. */
const BATCH_DELAY = 50;

/** A presence that was sent expires on the other nodes after `expires` ms; it is sent again after `resend` ms. */
const PRESENCE = { expires: 60_000, resend: 20_000 } as const;

/** Approximate maximum size of an event in characters of JSON. */
const EVENT_SIZE = 32_000;

/** The other nodes of the deployment: sends them what happens in this hub, and applies what they send. */
export class Peers implements Disposable {
  readonly node: string;
  readonly #deps: PeersDeps;
  readonly #subscriptions = new DisposableStack();
  /** The sessions that the other nodes know to be present here, and when that was sent. */
  readonly #sent = new Map<string, MonotonicTime>();
  readonly #changed = new Set<string>();
  #timer: Timer | undefined;
  #lastSweep: MonotonicTime;
  /** How long a presence lasts on the other nodes, in ms: until the next sweep of this node at least. */
  #expiry: number = PRESENCE.expires;

  constructor(deps: PeersDeps) {
    this.#deps = deps;
    this.#lastSweep = deps.runtime.monotonicNow();
    const { events, bus } = deps;
    this.node = deps.node;
    for (
      const subscription of [
        bus.listen((event) => this.#apply(event)),
        events.localPresenceChanged.add((publicToken) => this.#queuePresence(publicToken)),
        events.tabConnected.add((tab) => this.#sendTabConnected(tab)),
        events.sessionEnded.add((ended) => this.#sendEnded(ended)),
        events.sessionChanged.add((publicToken) => this.#sendChanged(publicToken)),
      ]
    ) this.#subscriptions.use(subscription);
    bus.broadcast({ type: "hello", node: this.node });
  }

  /** Sends again what would soon expire on the other nodes. */
  sweep(): void {
    const now = this.#deps.runtime.monotonicNow();
    this.#expiry = Math.max(PRESENCE.expires, 3 * msBetween(this.#lastSweep, now));
    this.#lastSweep = now;
    for (const [publicToken, sentAt] of this.#sent) {
      if (msBetween(sentAt, now) >= PRESENCE.resend) this.#queuePresence(publicToken);
    }
  }

  [Symbol.dispose](): void {
    this.#deps.runtime.clearTimeout(this.#timer);
    this.#subscriptions.dispose();
  }

  #queuePresence(publicToken: string): void {
    this.#changed.add(publicToken);
    this.#timer ??= this.#deps.runtime.setTimeout(() => this.#sendPresences(), BATCH_DELAY);
  }

  #sendTabConnected({ owner, tab, turn, after }: TabConnected): void {
    // Without turns no node could say which of two polls is the later one; the older one then ends by itself.
    if (turn === undefined) return;
    const acknowledged = after !== undefined && { after };
    const { node } = this;
    this.#deps.bus.broadcast({ type: "tabConnected", node, owner, tab, turn, ...acknowledged });
  }

  #sendEnded({ publicToken, reason }: SessionEnded): void {
    this.#deps.bus.broadcast({ type: "ended", node: this.node, publicToken, reason });
  }

  #sendChanged(publicToken: string): void {
    this.#deps.bus.broadcast({ type: "changed", node: this.node, publicToken });
  }

  #sendPresences(): void {
    this.#timer = undefined;
    const presences: NodePresence[] = [];
    let size = 0;
    for (const publicToken of this.#changed) {
      this.#changed.delete(publicToken);
      const presence = this.#presenceToSend(publicToken);
      if (presence === undefined) continue;
      presences.push(presence);
      size += JSON.stringify(presence).length;
      if (size >= EVENT_SIZE) break;
    }
    if (presences.length > 0) {
      const { node } = this;
      this.#deps.bus.broadcast({ type: "presence", node, length: this.#expiry, presences });
    }
    // One event per turn of the event loop, since there can be very many sessions.
    if (this.#changed.size === 0) return;
    this.#timer = this.#deps.runtime.setTimeout(() => this.#sendPresences(), 0);
  }

  #presenceToSend(publicToken: string): NodePresence | undefined {
    const presence = this.#deps.presence.localPresenceOf(publicToken);
    if (presence !== undefined && presence.state !== "offline") {
      this.#sent.set(publicToken, this.#deps.runtime.monotonicNow());
      return presence;
    }
    if (!this.#sent.delete(publicToken)) return undefined;
    const person = { publicToken, displayName: "" };
    return { person, state: "offline", active: [], background: [] };
  }

  #apply(event: NodeEvent): void {
    if (!("node" in event) || event.node === this.node) return;
    const { events, presence, waiting, sessions } = this.#deps;
    switch (event.type) {
      case "hello":
        for (const publicToken of presence.localSessions()) this.#queuePresence(publicToken);
        return;
      case "presence":
        for (const one of event.presences) presence.setRemote(event.node, one, event.length);
        return;
      case "tabConnected": {
        const { owner, tab, after } = event;
        const turn = waiting.yield(owner, tab, event.turn);
        if (turn !== undefined) this.#sendTabConnected({ owner, tab, turn, after: undefined });
        if (after !== undefined) events.acknowledgedElsewhere.emit({ owner, tab, after });
        return;
      }
      case "ended": {
        const { publicToken, reason } = event;
        return events.sessionEndedRemotely.emit({ publicToken, reason });
      }
      case "changed":
        sessions.forget(event.publicToken);
        return events.sessionChangedRemotely.emit(event.publicToken);
    }
  }
}
