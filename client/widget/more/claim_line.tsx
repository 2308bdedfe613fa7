import type { Message } from "../../comet/halley.ts";
import { newestFirst } from "../../ui/state/chunks.ts";
import type { Conversation } from "../../ui/state/conversation.ts";
import { strings } from "./more_strings.ts";

/** Says who of the team answers, if somebody has claimed the room. */
export function ClaimLine({ conversation }: { readonly conversation: Conversation }) {
  const answering = answeringIn([...newestFirst(conversation.history.chunks.value)].reverse());
  if (!answering) return null;
  return <p class="subtitle" role="status" dir="auto">{strings.value.answers(answering)}</p>;
}

/** The sender of the first claim after the last release. */
export function answeringIn(messages: readonly Message[]): string | undefined {
  let name: string | undefined;
  for (const { event, from, as } of messages) {
    if (event === "claimed") name ??= (from ?? as)?.displayName;
    else if (event) name = undefined;
  }
  return name;
}
