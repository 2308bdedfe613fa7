import { isRecord } from "../../protocol/guards.ts";
import type { Message } from "../../protocol/message.ts";
import type { Placed } from "./checker.ts";

/** What the prover reads out of a message; `undefined` of one that is not its own. */
export function parsePlaced({ id, channel, data }: Message): Placed | undefined {
  if (!isRecord(data)) return undefined;
  const { sender, n } = data;
  if (typeof sender !== "string" || typeof n !== "number") return undefined;
  return { id, channel, sender, n };
}
