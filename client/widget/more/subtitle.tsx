import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Message } from "../../comet/halley.ts";
import type { Chat } from "../../ui/state/chat.ts";
import { newestFirst } from "../../ui/state/chunks.ts";
import { strings } from "./more_strings.ts";

interface SubtitleProps {
  readonly chat: Chat | undefined;
  /** Who usually answers. */
  readonly team: string | undefined;
}

/** How often the server is asked whether somebody of the team is there, in ms. */
const INTERVAL = 60_000;

/** Says who of the team has claimed the room, or else whether somebody of the team is there, and who usually answers. */
export function Subtitle({ chat, team }: SubtitleProps) {
  const messages = newestFirst(chat?.conversations.home?.history.chunks.value ?? []);
  const answering = answeringIn([...messages].reverse());
  const isAttended = useAttended(answering === undefined ? chat : undefined);
  const { answers, attended, unattended } = strings.value;
  const presence = isAttended === undefined ? undefined : isAttended ? attended : unattended;
  const text = answering === undefined
    ? [presence, team].filter(Boolean).join(" · ")
    : answers({ name: answering });
  return <p class="subtitle" role="status" dir="auto" title={text}>{text}</p>;
}

/** Whether somebody of the team is there, while the chat is connected; undefined if that is unknown. */
function useAttended(chat: Chat | undefined): boolean | undefined {
  const isAttended = useSignal<boolean>();
  const isConnected = chat?.connection.value.name === "connected";
  useEffect(() => {
    const room = chat?.conversations.home;
    if (!room || !isConnected) return;
    const ask = async () => {
      if (document.hidden) return;
      const reply = await chat.client.presence(room.channel).catch(() => undefined);
      isAttended.value = reply?.attended;
    };
    ask();
    const timer = setInterval(ask, INTERVAL);
    return () => clearInterval(timer);
  }, [chat, isConnected]);
  return isConnected ? isAttended.value : undefined;
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
