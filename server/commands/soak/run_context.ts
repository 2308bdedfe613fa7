import type { Faults } from "./faults.ts";
import type { Checker } from "./checker.ts";

/** What everybody in a run is given. */
export interface RunContext {
  /** Where clients find the server: the proxy's address. */
  readonly url: string;
  readonly seed: number;
  readonly faults: Faults;
  readonly checker: Checker;
  /** Aborts when the run is over, and nobody need read or send any more. */
  readonly over: AbortSignal;
  /** Takes what is strange, though no message need be missing for it. */
  readonly remark: (text: string) => void;
}
