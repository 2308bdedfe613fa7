import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ConnectionState } from "../../comet/halley.ts";
import { words } from "../i18n/talk.ts";
import type { Chat } from "../state/chat.ts";

/** Says how things stand with the server, and lets one try at once. The seconds are seen, and not read out. */
export function ConnectionBadge({ chat }: { readonly chat: Pick<Chat, "connection" | "tryNow"> }) {
  const state = chat.connection.value;
  const until = "until" in state ? state.until : undefined;
  const seconds = useSecondsTo(until);
  const isCounting = state.name === "waiting";
  return (
    <div class="connection" data-state={state.name}>
      <span class="shown" aria-hidden="true">
        {isCounting ? words.value.waitingFor(seconds) : describe(state)}
      </span>
      <span role="status" class="only-heard" aria-label={words.value.connection}>
        {describe(state)}
      </span>
      {until !== undefined && (
        <button type="button" class="quiet" onClick={() => chat.tryNow()}>
          {words.value.tryNow}
        </button>
      )}
    </div>
  );
}

/** Says why nothing comes any more, and how to go on. */
export function StopBanner({ chat }: { readonly chat: Pick<Chat, "connection" | "resume"> }) {
  const state = chat.connection.value;
  if (state.name !== "stopped" || state.reason === "asked") return null;
  const reason = state.reason === "superseded" ? words.value.superseded : words.value.refused;
  return (
    <div class="banner" role="alert">
      <p>{reason} {state.problem?.detail}</p>
      <button type="button" onClick={() => chat.resume()}>{words.value.resume}</button>
    </div>
  );
}

function describe(state: ConnectionState): string {
  switch (state.name) {
    case "connecting":
      return words.value.connecting;
    case "connected":
      return words.value.connected;
    case "waiting":
      return words.value.waiting;
    case "offline":
      return words.value.isOffline;
    case "stopped":
      return words.value.stopped;
  }
}

/** Counts down to that time. */
function useSecondsTo(until: number | undefined): number {
  const now = useSignal(0);
  useEffect(() => {
    if (until === undefined) return;
    const look = () => now.value = Date.now();
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [until]);
  const since = now.value || Date.now();
  return until === undefined ? 0 : Math.max(0, Math.ceil((until - since) / 1000));
}
