import type { EndReason, NodeEvent, NodePresence } from "./node_event.ts";
import type { Presence } from "../presence/presence.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { steadyNow } from "../../base/clock.ts";
import type { NodeBus } from "../model/store.ts";
import type { WaitingRoom } from "../waiting/waiting_room.ts";

/** What peers are told of, and what they change. */
export interface PeersDeps {
  readonly bus: NodeBus;
  readonly presence: Presence;
  readonly waiting: WaitingRoom;
  readonly sessions: Sessions;
  /** Another node has ended this session. */
  readonly onEnded: (publicToken: string, reason: EndReason) => void;
}

/** Changes of presence are gathered for so long (ms) before the other nodes are told. */
const GATHERING = 50;

/** What was told of a presence holds for so long (ms), and is told again after so long. */
const PRESENCE = { holds: 60_000, again: 20_000 } as const;

/** An event is about so long (characters of JSON) at most. */
const EVENT = 32_000;

/** Tells the other nodes what they have to know of this one, and heeds what they tell. */
export class Peers implements Disposable {
  /** Names this node, for as long as its process lives. */
  readonly node = crypto.randomUUID();
  readonly #deps: PeersDeps;
  readonly #listening: Disposable;
  /** The sessions that were told to be present here, and when (Unix time in ms). */
  readonly #told = new Map<string, number>();
  readonly #changed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #swept = steadyNow();
  /** Sweeps may be far apart; what was told must hold from one to the next. */
  #length: number = PRESENCE.holds;

  constructor(deps: PeersDeps) {
    this.#deps = deps;
    this.#listening = deps.bus.listen((event) => this.#hear(event));
    deps.bus.broadcast({ type: "hello", node: this.node });
  }

  /** What a session reads here has changed: the others are told soon. */
  notePresence(publicToken: string): void {
    this.#changed.add(publicToken);
    this.#timer ??= setTimeout(() => this.#tellPresences(), GATHERING);
  }

  /** A tab polls here that did not a moment ago. */
  tellArrival(owner: string, tab: string, turn: number | undefined): void {
    // Without a number nobody could say which of two polls is the later one: the older one then ends by itself.
    if (turn === undefined) return;
    this.#deps.bus.broadcast({ type: "arrival", node: this.node, owner, tab, turn });
  }

  /** A session has ended. */
  tellEnd(publicToken: string, reason: EndReason): void {
    this.#deps.bus.broadcast({ type: "ended", node: this.node, publicToken, reason });
  }

  /** What the store has of a session has changed. */
  tellChange(publicToken: string): void {
    this.#deps.bus.broadcast({ type: "changed", node: this.node, publicToken });
  }

  /** Tells again what would soon hold no longer. */
  sweep(): void {
    const now = steadyNow();
    this.#length = Math.max(PRESENCE.holds, 3 * (now - this.#swept));
    this.#swept = now;
    for (const [publicToken, at] of this.#told) {
      if (at + PRESENCE.again <= now) this.notePresence(publicToken);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#listening[Symbol.dispose]();
  }

  #tellPresences(): void {
    this.#timer = undefined;
    const presences: NodePresence[] = [];
    let size = 0;
    for (const publicToken of this.#changed) {
      this.#changed.delete(publicToken);
      const presence = this.#presenceToTell(publicToken);
      if (presence === undefined) continue;
      presences.push(presence);
      size += JSON.stringify(presence).length;
      if (size >= EVENT) break;
    }
    if (presences.length > 0) this.#broadcast(presences);
    // One event in each turn of the event loop: there may be very many sessions to tell of.
    if (this.#changed.size > 0) this.#timer = setTimeout(() => this.#tellPresences(), 0);
  }

  #broadcast(presences: readonly NodePresence[]): void {
    const { node } = this;
    this.#deps.bus.broadcast({ type: "presence", node, length: this.#length, presences });
  }

  #presenceToTell(publicToken: string): NodePresence | undefined {
    const presence = this.#deps.presence.presenceHere(publicToken);
    if (presence !== undefined && presence.state !== "offline") {
      this.#told.set(publicToken, steadyNow());
      return presence;
    }
    if (!this.#told.delete(publicToken)) return undefined;
    const person = { publicToken, displayName: "" };
    return { person, state: "offline", active: [], background: [] };
  }

  #hear(event: NodeEvent): void {
    if (!("node" in event) || event.node === this.node) return;
    const { presence, waiting, sessions, onEnded } = this.#deps;
    switch (event.type) {
      case "hello":
        for (const publicToken of presence.here()) this.notePresence(publicToken);
        return;
      case "presence":
        for (const one of event.presences) presence.noteElsewhere(event.node, one, event.length);
        return;
      case "arrival": {
        const later = waiting.yield(event.owner, event.tab, event.turn);
        if (later !== undefined) this.tellArrival(event.owner, event.tab, later);
        return;
      }
      case "ended":
        return onEnded(event.publicToken, event.reason);
      case "changed":
        return sessions.forget(event.publicToken);
    }
  }
}
