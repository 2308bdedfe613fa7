import { useSignal } from "@preact/signals";
import type { LiveSession } from "../../../server/protocol/admin_replies.ts";
import { API_KEY_PREFIX } from "../../../server/protocol/channel.ts";
import { formatDateTime, formatShort } from "../../ui/i18n/format_time.ts";
import { strings as pageStrings } from "../../ui/i18n/page_strings.ts";
import { Avatar } from "../../ui/views/avatars.tsx";
import { formatCount, strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import { targetOf } from "../state/target.ts";
import { BanDialog } from "./ban_dialog.tsx";
import { ConfirmDialog } from "./confirm_dialog.tsx";
import { ActionButton, Cell, DataTable, HeadCell } from "./data_table.tsx";

interface SessionsViewProps {
  readonly admin: AdminState;
  readonly onNotice: (session: LiveSession) => void;
  readonly onTrace: (session: LiveSession) => void;
  readonly onData: (session: LiveSession) => void;
}

/** The sessions that are polling, with a search and the actions on each. */
export function SessionsView({ admin, onNotice, onTrace, onData }: SessionsViewProps) {
  const kicking = useSignal<LiveSession>();
  const banning = useSignal<LiveSession>();
  const kickedName = useSignal("");
  const sessions = admin.sessions.value;
  const { name, tabs, parkedPolls, rooms, since, actions } = strings.value;
  return (
    <section class="card" aria-labelledby="sessions-title">
      <SessionsHeader admin={admin} />
      <DataTable
        class="sessions stacked"
        labelledBy="sessions-title"
        columns={[name, tabs, parkedPolls, rooms, since, actions]}
      >
        {sessions.map((session) => (
          <SessionRow
            key={session.publicToken}
            session={session}
            onNotice={onNotice}
            onTrace={onTrace}
            onData={onData}
            onKick={() => kicking.value = session}
            onBan={() => banning.value = session}
          />
        ))}
      </DataTable>
      <SessionsFooter admin={admin} kickedName={kickedName.value} />
      {banning.value && (
        <BanDialog
          admin={admin}
          first={targetOf(banning.value)}
          onClose={() => banning.value = undefined}
        />
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

const SORTS = ["name", "since"] as const;

function SessionsHeader({ admin }: { readonly admin: AdminState }) {
  const { sessions, search, sortBy, sorts } = strings.value;
  return (
    <header>
      <h2 id="sessions-title">{sessions}</h2>
      <input
        type="search"
        aria-label={search}
        placeholder={search}
        value={admin.search.value}
        onInput={(event) => admin.find(event.currentTarget.value)}
      />
      <select
        aria-label={sortBy}
        value={admin.sort.value}
        onChange={({ currentTarget: { value } }) => {
          const chosen = SORTS.find((option) => option === value);
          if (chosen !== undefined) admin.sortBy(chosen);
        }}
      >
        {SORTS.map((option) => <option key={option} value={option}>{sorts[option]}</option>)}
      </select>
    </header>
  );
}

interface SessionsFooterProps {
  readonly admin: AdminState;
  readonly kickedName: string;
}

/** Always has one line, so that nothing below moves. */
function SessionsFooter({ admin, kickedName }: SessionsFooterProps) {
  const { kicked, noMatches, noSessions, showMore } = strings.value;
  const isEmpty = admin.sessions.value.length === 0;
  return (
    <footer>
      <p role="status" class="hint">
        {kickedName && kicked(kickedName)}
        {isEmpty && ` ${admin.search.value ? noMatches : noSessions}`}
      </p>
      {admin.hasMore.value && (
        <button type="button" class="quiet" onClick={() => admin.showMore()}>{showMore}</button>
      )}
    </footer>
  );
}

interface SessionRowProps extends Pick<SessionsViewProps, "onNotice" | "onTrace" | "onData"> {
  readonly session: LiveSession;
  readonly onKick: () => void;
  readonly onBan: () => void;
}

function SessionRow({ session, onNotice, onTrace, onData, onKick, onBan }: SessionRowProps) {
  const { publicToken, displayName, userId, state, rooms, tabs, elsewhere, since } = session;
  const isApiKey = publicToken.startsWith(API_KEY_PREFIX);
  const text = strings.value;
  return (
    <tr role="row">
      <HeadCell>
        <span class="person">
          <Avatar person={session} />
          <span>
            <span class="name" dir="auto">{displayName}</span>
            <span class="presence-dot" data-state={state} aria-hidden="true" />
            <span class="visually-hidden">{pageStrings.value.presence[state]}</span>
            <code>{isApiKey ? text.apiKey : userId ?? publicToken}</code>
          </span>
        </span>
      </HeadCell>
      <Cell label={text.tabs}>
        {formatCount(tabs.length)}
        {elsewhere > 0 && <small>{text.otherNodes(elsewhere)}</small>}
      </Cell>
      <Cell label={text.parkedPolls}>
        {formatCount(tabs.filter(({ parked }) => parked).length)}
      </Cell>
      <Cell label={text.rooms} class="wide" dir="auto">
        {rooms.map((room) => room.replace(/^room:/, "")).join(", ")}
      </Cell>
      <Cell label={text.since} title={formatDateTime(since)}>{formatShort(since)}</Cell>
      <Cell class="actions">
        <ActionButton label={text.tracePerson(displayName)} onClick={() => onTrace(session)}>
          {text.trace}
        </ActionButton>
        {!isApiKey && (
          <>
            <ActionButton
              label={text.noticeToPerson(displayName)}
              onClick={() => onNotice(session)}
            >
              {text.notice}
            </ActionButton>
            <ActionButton label={text.dataOfPerson(displayName)} onClick={() => onData(session)}>
              {text.data}
            </ActionButton>
            <ActionButton label={text.kickPerson(displayName)} onClick={onKick} isDangerous>
              {text.kick}
            </ActionButton>
            <ActionButton label={text.banPerson(displayName)} onClick={onBan} isDangerous>
              {text.ban}
            </ActionButton>
          </>
        )}
      </Cell>
    </tr>
  );
}
