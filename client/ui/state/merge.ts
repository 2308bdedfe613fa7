import type { Message } from "../../comet/halley.ts";

/** All messages of both, each once, oldest first; whatever order the new ones have. */
export function merge(known: readonly Message[], added: readonly Message[]): readonly Message[] {
  const last = known.at(-1)?.id ?? -Infinity;
  if (added.every(({ id }, n) => id > (added[n - 1]?.id ?? last))) return [...known, ...added];
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of added) byId.set(message.id, message);
  return [...byId.values()].sort((one, other) => one.id - other.id);
}
