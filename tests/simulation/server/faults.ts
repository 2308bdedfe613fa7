import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { Coverage } from "../coverage.ts";
import type { Disk } from "./disk.ts";
import type { SimulatedNode } from "./node.ts";

/** Something that goes wrong at a node. Times in ms; `until` ends it. */
export type NodeFault =
  | { readonly kind: "kill"; readonly node: number; readonly at: number; readonly events: number }
  | { readonly kind: "stop"; readonly node: number; readonly at: number }
  | { readonly kind: "full disk"; readonly node: number; readonly at: number; until: number }
  | { readonly kind: "failing disk"; readonly node: number; readonly at: number; until: number }
  | { readonly kind: "starve"; readonly node: number; readonly at: number; until: number }
  | { readonly kind: "set clock"; readonly node: number; readonly at: number; byMs: number };

/** What the faults of a run are drawn from. */
export interface FaultPlanOptions {
  readonly nodes: number;
  /** There are no faults before `from` and after `until`. */
  readonly from: number;
  readonly until: number;
  /** Whether the nodes have disks of their own. */
  readonly hasDisks: boolean;
  /** How far wall clocks can be set forward or back, in ms. */
  readonly clockMs: number;
}

/** The longest time in ms that a node is starved. */
export const MAX_STARVED_MS = 5_000;

/** A node can be killed up to this number of events after the planned time, so that it dies in the middle of something. */
const MAX_EVENTS = 40;

/** The faults of a run, which a seed decides. */
export function planNodeFaults(
  random: SeededRandom,
  { nodes, from, until, hasDisks, clockMs }: FaultPlanOptions,
): NodeFault[] {
  const at = () => random.between(from, until);
  const some = (max: number) => Array.from({ length: Math.floor(random.next() * (max + 1)) });
  const nodeOf = () => Math.floor(random.next() * nodes);
  const spell = (max: number) => {
    const start = at();
    return { at: start, until: Math.min(start + random.between(100, max), until) };
  };
  return [
    ...some(3).map((): NodeFault => ({
      kind: "kill",
      node: nodeOf(),
      at: at(),
      events: Math.floor(random.next() * MAX_EVENTS),
    })),
    ...some(1).map((): NodeFault => ({ kind: "stop", node: nodeOf(), at: at() })),
    ...some(1).map((): NodeFault => ({ kind: "starve", node: nodeOf(), ...spell(MAX_STARVED_MS) })),
    ...some(1).map((): NodeFault => ({
      kind: "set clock",
      node: nodeOf(),
      at: at(),
      byMs: random.between(-clockMs, clockMs),
    })),
    ...some(hasDisks ? 1 : 0).map((): NodeFault => ({
      kind: random.next() < 0.5 ? "full disk" : "failing disk",
      node: nodeOf(),
      ...spell(8_000),
    })),
  ];
}

/** What faults happen to. */
export interface FaultTargets {
  readonly world: Actor;
  readonly nodes: readonly SimulatedNode[];
  /** The disk of each node, if the nodes have any. */
  readonly disks: readonly Disk[];
  readonly coverage: Coverage;
}

/** Lets the planned faults happen. Returns what must be called after each event. */
export function startNodeFaults(
  faults: readonly NodeFault[],
  { world, nodes, disks, coverage }: FaultTargets,
): () => void {
  const dying = new Map<SimulatedNode, number>();
  const count = (fault: string, node: SimulatedNode) => coverage.add(fault, node.phases);
  const begin = (fault: NodeFault, node: SimulatedNode) => {
    const disk = disks[fault.node];
    if (fault.kind === "kill") return void dying.set(node, fault.events);
    count(fault.kind, node);
    switch (fault.kind) {
      case "stop":
        return node.stop();
      case "set clock":
        node.clock.aheadMs += fault.byMs;
        return;
      case "starve": {
        const starved = starvedOf(node, fault.at);
        for (const actor of starved) actor.pause();
        return world.after(fault.until - world.now, `feeds ${node.name}`, () => {
          for (const actor of starved) actor.resume();
        });
      }
      default:
        if (disk === undefined) return;
        disk.failure = fault.kind === "full disk" ? "full" : "failing";
        return world.after(fault.until - world.now, `repairs the disk of ${node.name}`, () => {
          disk.failure = undefined;
        });
    }
  };
  for (const fault of faults) {
    const node = nodes[fault.node];
    if (node === undefined) continue;
    world.after(fault.at, `${fault.kind}: ${node.name}`, () => void begin(fault, node));
  }
  return () => {
    for (const [node, events] of dying) {
      if (events > 0) {
        dying.set(node, events - 1);
        continue;
      }
      dying.delete(node);
      count("kill", node);
      node.crash();
    }
  };
}

/** All of a process is starved, or one worker of several, or the thread of their store. */
function starvedOf({ actors }: SimulatedNode, at: number): readonly Actor[] {
  const one = actors[Math.floor(at) % (actors.length + 1)];
  return actors.length === 1 || one === undefined ? actors : [one];
}
