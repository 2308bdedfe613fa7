import type { SeededRandom } from "../../../server/commands/soak/seeded_random.ts";
import type { Actor } from "../actor.ts";
import type { Choices } from "../choices.ts";
import type { Coverage } from "../coverage.ts";
import type { StorePlace } from "../server/store_place.ts";

/** A store that all nodes of a simulation share, and what can go wrong with it. */
export interface StoreWorld extends StorePlace {
  /** Whether the log has a message. */
  isStored(id: number): boolean;
  /** Plans faults from `from` to `until`; after that, everything works. Times in ms. */
  startFaults(plan: StoreFaultPlan): void;
}

export interface StoreFaultPlan {
  readonly world: Actor;
  readonly random: SeededRandom;
  readonly coverage: Coverage;
  readonly choices: Choices;
  readonly from: number;
  readonly until: number;
  /** Absent: nothing that was acknowledged is lost. Called when the log has lost all messages after an id. */
  readonly onLoss?: (after: number) => void;
}
