import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { strings } from "../i18n/page_strings.ts";
import type { Chat } from "../state/chat.ts";
import { ConnectionBadge, StopBanner } from "./connection_badge.tsx";

/** How long in ms the first connection may take before the user should know. */
const CONNECT_TIME = 2_000;

/** A strip above everything else while something is wrong with the connection. Otherwise only screen readers find the state. */
export function ConnectionStrip({ chat }: { readonly chat: Chat }) {
  const { name } = chat.connection.value;
  const isWrong = useSignal(false);
  useLayoutEffect(() => {
    // Between two retries, it stays as it is.
    if (name !== "connecting") isWrong.value = name === "waiting" || name === "offline";
    if (name !== "connecting" || isWrong.peek()) return;
    const timer = setTimeout(() => isWrong.value = true, CONNECT_TIME);
    return () => clearTimeout(timer);
  }, [name]);
  return (
    <div class="connection-strip" data-wrong={isWrong.value || undefined}>
      <ConnectionBadge chat={chat} />
      <p aria-hidden="true">{strings.value.sentLater}</p>
      <StopBanner chat={chat} />
    </div>
  );
}
