import { useSignal } from "@preact/signals";
import { LanguageSwitch } from "../../ui/views/language_switch.tsx";
import { CometMark } from "../../ui/views/marks.tsx";
import { formatDuration, words } from "../i18n/admin_words.ts";
import type { AdminState } from "../state/admin_state.ts";
import { FiguresView } from "./figures_view.tsx";
import { NoticeForm } from "./notice_form.tsx";
import { RoomsView } from "./rooms_view.tsx";
import { SessionsView } from "./sessions_view.tsx";
import { ThemeSwitch } from "./theme_switch.tsx";
import { TraceView } from "./trace_view.tsx";

interface AdminViewProps {
  readonly desk: AdminState;
  readonly onLeave: () => void;
}

/** All that somebody sees who administers. */
export function AdminView({ desk, onLeave }: AdminViewProps) {
  /** To whom the next notice goes, and what is traced: chosen in the list, and written in the forms. */
  const to = useSignal("everyone");
  const what = useSignal("");
  return (
    <div class="admin">
      <AdminHeader desk={desk} onLeave={onLeave} />
      <main>
        {desk.isAway.value && <p class="notice-line" role="status">{words.value.away}</p>}
        <FiguresView desk={desk} />
        <div class="admin-columns">
          <div>
            <SessionsView
              desk={desk}
              onTell={({ publicToken }) => {
                to.value = `session:${publicToken}`;
                document.querySelector<HTMLElement>("#notice-text")?.focus();
              }}
              onTrace={({ publicToken }) => {
                what.value = publicToken;
                document.querySelector<HTMLElement>("#trace-what")?.focus();
                desk.look(publicToken);
              }}
            />
            <TraceView desk={desk} what={what} />
          </div>
          <div>
            <NoticeForm desk={desk} to={to} />
            <RoomsView desk={desk} />
          </div>
        </div>
      </main>
    </div>
  );
}

function AdminHeader({ desk, onLeave }: AdminViewProps) {
  const overview = desk.shown.value?.overview;
  return (
    <header class="admin-header">
      <CometMark />
      <h1>{words.value.title}</h1>
      {overview && (
        <p class="hint">
          {words.value.server(overview.version)},{" "}
          {words.value.up(formatDuration(overview.now - overview.startedAt))}
        </p>
      )}
      {desk.nodes.value.size > 1 && <NodeSwitch desk={desk} />}
      <ThemeSwitch />
      <LanguageSwitch />
      <button type="button" class="quiet" onClick={onLeave}>{words.value.leave}</button>
    </header>
  );
}

/** Offers the nodes by the beginnings of their names. */
function NodeSwitch({ desk }: { readonly desk: AdminState }) {
  return (
    <select
      class="theme-switch"
      aria-label={words.value.node}
      value={desk.shown.value?.overview.node ?? ""}
      onChange={({ currentTarget: { value } }) => desk.chosen.value = value}
    >
      {[...desk.nodes.value.keys()].map((node) => (
        <option key={node} value={node}>{words.value.nodeNamed(node.slice(0, 8))}</option>
      ))}
    </select>
  );
}
