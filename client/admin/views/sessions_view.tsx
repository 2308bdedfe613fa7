import { useSignal } from "@preact/signals";
import type { LiveSession } from "../../../server/protocol/admin_replies.ts";
import { API_KEY_PREFIX } from "../../../server/protocol/channel.ts";
import { formatDateTime, formatShort } from "../../ui/i18n/format_time.ts";
import { strings as pageStrings } from "../../ui/i18n/page_strings.ts";
import { Avatar } from "../../ui/views/avatars.tsx";
import { formatCount, strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import { ConfirmDialog } from "./confirm_dialog.tsx";

interface SessionsViewProps {
  readonly admin: AdminState;
  readonly onNotice: (session: LiveSession) => void;
  readonly onTrace: (session: LiveSession) => void;
  readonly onData: (session: LiveSession) => void;
}

/** The sessions that are polling, with a search and the actions on each. */
export function SessionsView({ admin, onNotice, onTrace, onData }: SessionsViewProps) {
  const kicking = useSignal<LiveSession | undefined>(undefined);
  const kickedName = useSignal("");
  const sessions = admin.sessions.value;
  return (
    <section class="card" aria-labelledby="sessions-title">
      <header>
        <h2 id="sessions-title">{strings.value.sessions}</h2>
        <input
          type="search"
          aria-label={strings.value.search}
          placeholder={strings.value.search}
          value={admin.search.value}
          onInput={(event) => admin.find(event.currentTarget.value)}
        />
      </header>
      <p role="status" class="hint">
        {kickedName.value ? strings.value.kicked(kickedName.value) : ""}
      </p>
      {sessions.length === 0
        ? (
          <p class="hint">
            {admin.search.value ? strings.value.noMatches : strings.value.noSessions}
          </p>
        )
        : (
          <div class="table" tabIndex={0} role="group" aria-labelledby="sessions-title">
            <table>
              <TableHead />
              <tbody>
                {sessions.map((session) => (
                  <SessionRow
                    key={session.publicToken}
                    session={session}
                    onNotice={onNotice}
                    onTrace={onTrace}
                    onData={onData}
                    onKick={() => kicking.value = session}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      {admin.hasMore.value && (
        <button type="button" class="quiet" onClick={() => admin.showMore()}>
          {strings.value.showMore}
        </button>
      )}
      {kicking.value && (
        <ConfirmDialog
          title={strings.value.confirmKick(kicking.value.displayName)}
          effect={strings.value.kickEffect}
          action={strings.value.kick}
          onConfirm={async () => {
            if (kicking.value) await admin.kick(kicking.value);
          }}
          onClose={(isKicked) => {
            if (isKicked) kickedName.value = kicking.value?.displayName ?? "";
            kicking.value = undefined;
          }}
        />
      )}
    </section>
  );
}

function TableHead() {
  const { name, tabs, parkedPolls, rooms, since, actions } = strings.value;
  return (
    <thead>
      <tr>
        {[name, tabs, parkedPolls, rooms, since, actions].map((title) => (
          <th key={title} scope="col">{title}</th>
        ))}
      </tr>
    </thead>
  );
}

interface SessionRowProps extends Pick<SessionsViewProps, "onNotice" | "onTrace" | "onData"> {
  readonly session: LiveSession;
  readonly onKick: () => void;
}

function SessionRow({ session, onNotice, onTrace, onData, onKick }: SessionRowProps) {
  const { publicToken, displayName, userId, state, rooms, tabs, elsewhere, since } = session;
  const isApiKey = publicToken.startsWith(API_KEY_PREFIX);
  const {
    apiKey,
    otherNodes,
    trace,
    tracePerson,
    notice,
    noticeToPerson,
    data,
    dataOfPerson,
    kick,
    kickPerson,
  } = strings.value;
  return (
    <tr>
      <th scope="row">
        <span class="person">
          <Avatar person={session} />
          <span>
            <span class="name" dir="auto">{displayName}</span>
            <span class="presence-dot" data-state={state} aria-hidden="true" />
            <span class="visually-hidden">{pageStrings.value.presence[state]}</span>
            <code>{isApiKey ? apiKey : userId ?? publicToken}</code>
          </span>
        </span>
      </th>
      <td>
        {formatCount(tabs.length)}
        {elsewhere > 0 && <small>{otherNodes(elsewhere)}</small>}
      </td>
      <td>{formatCount(tabs.filter(({ parked }) => parked).length)}</td>
      <td dir="auto">{rooms.map((room) => room.replace(/^room:/, "")).join(", ")}</td>
      <td title={formatDateTime(since)}>{formatShort(since)}</td>
      <td class="actions">
        <ActionButton label={tracePerson(displayName)} onClick={() => onTrace(session)}>
          {trace}
        </ActionButton>
        {!isApiKey && (
          <>
            <ActionButton label={noticeToPerson(displayName)} onClick={() => onNotice(session)}>
              {notice}
            </ActionButton>
            <ActionButton label={dataOfPerson(displayName)} onClick={() => onData(session)}>
              {data}
            </ActionButton>
            <ActionButton label={kickPerson(displayName)} onClick={onKick} isDangerous>
              {kick}
            </ActionButton>
          </>
        )}
      </td>
    </tr>
  );
}

interface ActionButtonProps {
  /** The action and the person, for screen readers. */
  readonly label: string;
  readonly isDangerous?: boolean;
  readonly onClick: () => void;
  readonly children: string;
}

function ActionButton({ label, isDangerous = false, onClick, children }: ActionButtonProps) {
  return (
    <button
      type="button"
      class={isDangerous ? "quiet danger" : "quiet"}
      aria-label={label}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
