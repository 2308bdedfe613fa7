import type { Stage } from "./stage.ts";

/** Something that a client must do. */
export interface Check {
  readonly name: string;
  /** Throws if the client does not. */
  readonly run: (stage: Stage) => Promise<void>;
}
