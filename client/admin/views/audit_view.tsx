import type { AuditEntry } from "../../../server/protocol/moderation_replies.ts";
import { formatDateTime } from "../../ui/i18n/format_time.ts";
import { formatCount, formatDate, strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import { Cell, DataTable, HeadCell } from "./data_table.tsx";

/** What administrators did, the newest first. */
export function AuditView({ admin }: { readonly admin: AdminState }) {
  const { audit: title, time, by, action, target, noAudit, showMore } = strings.value;
  const { items: { value: entries }, hasMore } = admin.audit;
  return (
    <section class="card" aria-labelledby="audit-title">
      <h2 id="audit-title">{title}</h2>
      <DataTable
        class="audit stacked"
        labelledBy="audit-title"
        columns={[time, by, action, target]}
      >
        {entries.map((entry) => <AuditRow key={entry.id} admin={admin} entry={entry} />)}
      </DataTable>
      <footer>
        <p class="hint">{entries.length === 0 && noAudit}</p>
        {hasMore.value && (
          <button
            type="button"
            class="quiet"
            onClick={() => admin.audit.showMore()}
          >
            {showMore}
          </button>
        )}
      </footer>
    </section>
  );
}

interface AuditRowProps {
  readonly admin: AdminState;
  readonly entry: AuditEntry;
}

function AuditRow({ admin, entry: { at, by, action, kind, target, until, count } }: AuditRowProps) {
  const { auditActions, auditKinds, erasedPerson, untilTime, times } = strings.value;
  const name = target === undefined ? "" : admin.nameOf(target);
  const isErased = target === undefined && ["session", "user"].includes(kind);
  return (
    <tr role="row">
      <HeadCell title={formatDateTime(at)}>{formatDate(at)}</HeadCell>
      <Cell>
        <code>{by}</code>
      </Cell>
      <Cell>
        {auditActions[action]}
        {until !== undefined && <small>{untilTime(formatDate(until))}</small>}
        {count !== undefined && <small>{times(formatCount(count))}</small>}
      </Cell>
      <Cell class="wide">
        {isErased ? erasedPerson : auditKinds[kind]} {name && <bdi class="name">{name}</bdi>}{" "}
        {target !== undefined && <code>{target}</code>}
      </Cell>
    </tr>
  );
}
