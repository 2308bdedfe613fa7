import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { HalleyError } from "../../comet/halley.ts";
import { strings } from "../i18n/chat_strings.ts";
import { refusals } from "../i18n/refusals.ts";
import type { Chat } from "../state/chat.ts";

/** Shows the state of the connection. Screen readers announce the state, but not the countdown to the next retry. */
export function ConnectionBadge({ chat }: { readonly chat: Pick<Chat, "connection" | "tryNow"> }) {
  const state = chat.connection.value;
  const { connection, connectionStates, retryingIn, retryNow } = strings.value;
  const problem = "problem" in state ? state.problem : undefined;
  const text = withDetail(connectionStates[state.name], problem);
  const retryAt = "until" in state ? state.until : undefined;
  const seconds = useSecondsUntil(retryAt);
  return (
    <div class="connection" data-state={state.name}>
      <span class="shown" aria-hidden="true" title={text}>
        {state.name === "waiting" ? retryingIn({ seconds }) : connectionStates[state.name]}
      </span>
      <span role="status" class="visually-hidden" aria-label={connection}>
        {text}
      </span>
      {retryAt !== undefined && (
        <button type="button" class="quiet" onClick={() => chat.tryNow()}>{retryNow}</button>
      )}
    </div>
  );
}

/** Explains why the client has stopped polling, and offers to start again. */
export function StopBanner({ chat }: { readonly chat: Pick<Chat, "connection" | "resume"> }) {
  const state = chat.connection.value;
  if (state.name !== "stopped" || state.reason === "asked") return null;
  const { superseded, useHere, refused, tryAgain } = strings.value;
  const isSuperseded = state.reason === "superseded";
  return (
    <div class="banner" role="alert">
      <p>{withDetail(isSuperseded ? superseded : refused, state.problem)}</p>
      <button type="button" onClick={() => chat.resume()}>
        {isSuperseded ? useHere : tryAgain}
      </button>
    </div>
  );
}

/** A text, and what the server says in more detail. */
function withDetail(text: string, problem: HalleyError | undefined): string {
  return `${text} ${problem && refusals.explain?.(problem.code) || ""}`.trim();
}

/** Counts down the seconds until a time. */
function useSecondsUntil(time: number | undefined): number {
  const now = useSignal(0);
  useEffect(() => {
    if (time === undefined) return;
    const update = () => now.value = Date.now();
    update();
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  }, [time]);
  const start = now.value || Date.now();
  return Math.max(0, Math.ceil(((time ?? 0) - start) / 1000));
}
