import type { Message } from "../../comet/halley.ts";
import type { Chat } from "../../ui/state/chat.ts";
import { newestFirst } from "../../ui/state/chunks.ts";
import { strings } from "./more_strings.ts";

interface SubtitleProps {
  readonly chat: Chat | undefined;
  /** Who usually answers. */
  readonly team: string | undefined;
}

/** Says who of the team has claimed the room, or else who usually answers. */
export function Subtitle({ chat, team }: SubtitleProps) {
  const messages = newestFirst(chat?.conversations.home?.history.chunks.value ?? []);
  const answering = answeringIn([...messages].reverse());
  const text = answering === undefined ? team : strings.value.answers(answering);
  return <p class="subtitle" role="status" dir="auto">{text}</p>;
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
