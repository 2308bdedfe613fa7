import { useSignal } from "@preact/signals";
import { words as uiWords } from "../../ui/i18n/language.ts";
import { formatFull, formatShort } from "../../ui/i18n/times.ts";
import { PersonMark } from "../../ui/views/marks.tsx";
import type { LiveSession } from "../../../server/protocol/admin_replies.ts";
import { formatCount, words } from "../i18n/admin_words.ts";
import type { AdminState } from "../state/admin_state.ts";
import { KickDialog } from "./kick_dialog.tsx";

interface SessionsViewProps {
  readonly desk: AdminState;
  readonly onTell: (session: LiveSession) => void;
  readonly onTrace: (session: LiveSession) => void;
}

/** Who polls now, and what can be done about them. */
export function SessionsView({ desk, onTell, onTrace }: SessionsViewProps) {
  const kicking = useSignal<LiveSession | undefined>(undefined);
  const kicked = useSignal("");
  const sessions = desk.sessions.value;
  return (
    <section class="card" aria-labelledby="sessions-title">
      <header>
        <h2 id="sessions-title">{words.value.sessions}</h2>
        <input
          type="search"
          aria-label={words.value.search}
          placeholder={words.value.search}
          value={desk.search.value}
          onInput={(event) => desk.find(event.currentTarget.value)}
        />
      </header>
      <p role="status" class="hint">{kicked.value}</p>
      {sessions.length === 0
        ? <p class="hint">{desk.search.value ? words.value.notFound : words.value.nobody}</p>
        : (
          <div class="table" tabIndex={0} role="group" aria-labelledby="sessions-title">
            <table>
              <SessionsHead />
              <tbody>
                {sessions.map((session) => (
                  <SessionRow
                    key={session.publicToken}
                    session={session}
                    onTell={onTell}
                    onTrace={onTrace}
                    onKick={() => kicking.value = session}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      {desk.hasMore.value && (
        <button type="button" class="quiet" onClick={() => desk.showMore()}>
          {words.value.showMore}
        </button>
      )}
      {kicking.value && (
        <KickDialog
          desk={desk}
          session={kicking.value}
          onEnd={(isDone) => {
            if (isDone) kicked.value = words.value.kicked(kicking.value?.displayName ?? "");
            kicking.value = undefined;
          }}
        />
      )}
    </section>
  );
}

function SessionsHead() {
  const { name, tabs, waits, rooms, since, actions } = words.value;
  return (
    <thead>
      <tr>
        <th scope="col">{name}</th>
        <th scope="col">{tabs}</th>
        <th scope="col">{waits}</th>
        <th scope="col">{rooms}</th>
        <th scope="col">{since}</th>
        <th scope="col">{actions}</th>
      </tr>
    </thead>
  );
}

interface SessionRowProps extends Pick<SessionsViewProps, "onTell" | "onTrace"> {
  readonly session: LiveSession;
  readonly onKick: () => void;
}

function SessionRow({ session, onTell, onTrace, onKick }: SessionRowProps) {
  const { publicToken, displayName, userId, state, rooms, tabs, elsewhere, since } = session;
  const isApiKey = publicToken.startsWith("key:");
  return (
    <tr>
      <th scope="row">
        <span class="whose">
          <PersonMark person={session} />
          <span>
            <span class="name" dir="auto">{displayName}</span>
            <span class="presence-dot" data-state={state} aria-hidden="true" />
            <span class="only-heard">{uiWords.value[state]}</span>
            <code>{isApiKey ? words.value.program : userId ?? publicToken}</code>
          </span>
        </span>
      </th>
      <td>
        {formatCount(tabs.length)}
        {elsewhere > 0 && <small>{words.value.elsewhere(elsewhere)}</small>}
      </td>
      <td>{formatCount(tabs.filter(({ parked }) => parked).length)}</td>
      <td dir="auto">{rooms.map((room) => room.replace(/^room:/, "")).join(", ")}</td>
      <td title={formatFull(since)}>{formatShort(since)}</td>
      <td class="actions">
        <button
          type="button"
          class="quiet"
          aria-label={words.value.traceOf(displayName)}
          onClick={() => onTrace(session)}
        >
          {words.value.trace}
        </button>
        {!isApiKey && (
          <>
            <button
              type="button"
              class="quiet"
              aria-label={words.value.tell(displayName)}
              onClick={() => onTell(session)}
            >
              {words.value.tellShort}
            </button>
            <button
              type="button"
              class="quiet kick"
              aria-label={words.value.kickWhom(displayName)}
              onClick={onKick}
            >
              {words.value.kick}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}
