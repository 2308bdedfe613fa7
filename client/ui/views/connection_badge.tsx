import { useEffect, useReducer } from "preact/hooks";
import type { ConnectionState } from "../../comet/halley.ts";
import { words } from "../i18n/language.ts";
import type { Chat } from "../state/chat.ts";

/** Says how things stand with the server, and lets one try at once. */
export function ConnectionBadge({ chat }: { readonly chat: Chat }) {
  const state = chat.connection.value;
  const until = "until" in state ? state.until : undefined;
  const seconds = useSecondsTo(until);
  return (
    <div class="connection" data-state={state.name}>
      <span role="status" aria-label={words.value.connection}>{describe(state, seconds)}</span>
      {until !== undefined && (
        <button type="button" class="quiet" onClick={() => chat.tryNow()}>
          {words.value.tryNow}
        </button>
      )}
    </div>
  );
}

/** Says why nothing comes any more, and how to go on. */
export function StopBanner({ chat }: { readonly chat: Chat }) {
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

function describe(state: ConnectionState, seconds: number): string {
  switch (state.name) {
    case "connecting":
      return words.value.connecting;
    case "connected":
      return words.value.connected;
    case "waiting":
      return words.value.waiting(seconds);
    case "offline":
      return words.value.isOffline;
    case "stopped":
      return words.value.stopped;
  }
}

/** Counts down to that time. */
function useSecondsTo(until: number | undefined): number {
  const [, renderAgain] = useReducer((times: number) => times + 1, 0);
  useEffect(() => {
    if (until === undefined) return;
    const timer = setInterval(renderAgain, 1000);
    return () => clearInterval(timer);
  }, [until]);
  return until === undefined ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000));
}
