import { useSignal } from "@preact/signals";
import { strings as pageStrings } from "../../ui/i18n/page_strings.ts";
import { chooseTheme, theme } from "../../ui/state/settings.ts";
import { CometLogo } from "../../ui/views/avatars.tsx";
import { LanguageSwitch } from "../../ui/views/language_switch.tsx";
import { formatCount, formatDuration, formatTimeOfDay, strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import { type Target, targetOf } from "../state/target.ts";
import { DataForm } from "./data_form.tsx";
import { AuditView } from "./audit_view.tsx";
import { BansView } from "./bans_view.tsx";
import { Cell, DataTable, HeadCell } from "./data_table.tsx";
import { MetricsView } from "./metrics_view.tsx";
import { NoticeForm } from "./notice_form.tsx";
import { SessionsView } from "./sessions_view.tsx";
import { TraceView } from "./trace_view.tsx";

const THEMES = ["system", "light", "dark"] as const;

interface AdminViewProps {
  readonly admin: AdminState;
  readonly onSignOut: () => void;
}

/** The admin page of a signed-in administrator. */
export function AdminView({ admin, onSignOut }: AdminViewProps) {
  // The list of sessions fills in the fields of the forms.
  const recipient = useSignal<Target>({ kind: "everyone", name: "" });
  const traceTarget = useSignal("");
  const dataTarget = useSignal<Target>({ kind: "session", name: "" });
  return (
    <div class="admin">
      <AdminHeader admin={admin} onSignOut={onSignOut} />
      <main>
        <MetricsView admin={admin} />
        <div class="admin-columns">
          <div>
            <SessionsView
              admin={admin}
              onNotice={(session) => {
                recipient.value = targetOf(session);
                document.querySelector<HTMLElement>("#notice-text")?.focus();
              }}
              onData={(session) => {
                dataTarget.value = targetOf(session);
                document.querySelector<HTMLElement>("#data-target")?.focus();
              }}
              onTrace={({ publicToken }) => {
                traceTarget.value = publicToken;
                document.querySelector<HTMLElement>("#trace-target")?.focus();
                admin.loadTrace(publicToken);
              }}
            />
            <TraceView admin={admin} target={traceTarget} />
            <BansView admin={admin} />
            <AuditView admin={admin} />
          </div>
          <div>
            <NoticeForm admin={admin} recipient={recipient} />
            <RoomsView admin={admin} />
            <DataForm admin={admin} target={dataTarget} />
          </div>
        </div>
      </main>
    </div>
  );
}

function AdminHeader({ admin, onSignOut }: AdminViewProps) {
  const { title, signOut } = strings.value;
  return (
    <header class="admin-header">
      <CometLogo />
      <h1>{title}</h1>
      <NodeStatus admin={admin} />
      {admin.nodes.value.size > 1 && <NodeSelect admin={admin} />}
      <ThemeSelect />
      <LanguageSwitch />
      <button type="button" class="quiet" onClick={onSignOut}>{signOut}</button>
    </header>
  );
}

/** Has one line, whatever it says. */
function NodeStatus({ admin }: { readonly admin: AdminState }) {
  const overview = admin.shownNode.value?.overview;
  const since = admin.silentSince.value;
  const { serverStatus, serverAway, nodeSilent } = strings.value;
  if (overview === undefined) return null;
  const text = since === undefined
    ? serverStatus(overview.version, formatDuration(overview.now - overview.startedAt))
    : admin.isServerAway.value
    ? serverAway(formatTimeOfDay(since))
    : nodeSilent(overview.node.slice(0, 8), formatTimeOfDay(since));
  return (
    <p
      id="node-status"
      class={since === undefined ? "hint" : "error-line"}
      role={since === undefined ? undefined : "status"}
      title={text}
    >
      {text}
    </p>
  );
}

/** Selects the node whose metrics are shown, by the first characters of its name. */
function NodeSelect({ admin }: { readonly admin: AdminState }) {
  return (
    <select
      aria-label={strings.value.node}
      value={admin.shownNode.value?.overview.node ?? ""}
      onChange={({ currentTarget: { value } }) => admin.selectedNode.value = value}
    >
      {[...admin.nodes.value.keys()].map((node) => (
        <option key={node} value={node}>{strings.value.nodeNamed(node.slice(0, 8))}</option>
      ))}
    </select>
  );
}

function ThemeSelect() {
  const { theme: label, themes } = pageStrings.value;
  return (
    <select
      aria-label={label}
      value={theme.value}
      onChange={({ currentTarget: { value } }) => {
        const chosen = THEMES.find((option) => option === value);
        if (chosen !== undefined) chooseTheme(chosen);
      }}
    >
      {THEMES.map((option) => <option key={option} value={option}>{themes[option]}</option>)}
    </select>
  );
}

/** The rooms with the most people. */
function RoomsView({ admin }: { readonly admin: AdminState }) {
  const { rooms, total } = admin.rooms.value;
  const { rooms: title, noRooms, room, people, moreRooms } = strings.value;
  const hiddenCount = total - rooms.length;
  return (
    <section class="card" aria-labelledby="rooms-title">
      <h2 id="rooms-title">{title}</h2>
      <DataTable class="rooms" labelledBy="rooms-title" columns={[room, people]}>
        {rooms.map(({ channel, present }) => (
          <tr key={channel} role="row">
            <HeadCell dir="auto">{channel.replace(/^room:/, "")}</HeadCell>
            <Cell>{formatCount(present)}</Cell>
          </tr>
        ))}
      </DataTable>
      <footer class="hint">
        {rooms.length === 0 ? noRooms : hiddenCount > 0 && moreRooms(formatCount(hiddenCount))}
      </footer>
    </section>
  );
}
