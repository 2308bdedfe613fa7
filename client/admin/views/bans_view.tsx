import { useSignal } from "@preact/signals";
import type { Ban } from "../../../server/protocol/moderation_replies.ts";
import { formatDateTime } from "../../ui/i18n/format_time.ts";
import { formatDate, strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import { BanDialog } from "./ban_dialog.tsx";
import { ConfirmDialog } from "./confirm_dialog.tsx";
import { ActionButton, Cell, DataTable, HeadCell } from "./data_table.tsx";

/** Who is banned, and lifting bans. */
export function BansView({ admin }: { readonly admin: AdminState }) {
  const isBanning = useSignal(false);
  const lifting = useSignal<Ban>();
  const status = useSignal("");
  const text = strings.value;
  const { items: { value: bans }, hasMore } = admin.bans;
  return (
    <section class="card" aria-labelledby="bans-title">
      <header>
        <h2 id="bans-title">{text.bans}</h2>
        <button type="button" class="quiet danger" onClick={() => isBanning.value = true}>
          {text.ban}…
        </button>
      </header>
      <DataTable
        class="bans stacked"
        labelledBy="bans-title"
        columns={[text.name, text.until, text.banReason, text.by, text.actions]}
      >
        {bans.map((ban) => (
          <BanRow
            key={`${ban.kind} ${ban.id}`}
            ban={ban}
            onLift={() => lifting.value = ban}
          />
        ))}
      </DataTable>
      <footer>
        <p role="status" class="hint">{status.value || (bans.length === 0 ? text.noBans : "")}</p>
        {hasMore.value && (
          <button type="button" class="quiet" onClick={() => admin.bans.showMore()}>
            {text.showMore}
          </button>
        )}
      </footer>
      {isBanning.value && (
        <BanDialog
          admin={admin}
          first={{ kind: "session", name: "" }}
          onClose={() => isBanning.value = false}
        />
      )}
      {lifting.value && (
        <ConfirmDialog
          title={text.confirmLift(nameOf(lifting.value))}
          effect={text.liftEffect}
          action={text.lift}
          isDangerous={false}
          onConfirm={async () => {
            if (lifting.value) await admin.lift(lifting.value);
          }}
          onClose={(isDone) => {
            if (isDone && lifting.value) status.value = text.lifted(nameOf(lifting.value));
            lifting.value = undefined;
          }}
        />
      )}
    </section>
  );
}

interface BanRowProps {
  readonly ban: Ban;
  readonly onLift: () => void;
}

function BanRow({ ban, onLift }: BanRowProps) {
  const { kind, id, displayName, at, until, reason, by } = ban;
  const text = strings.value;
  return (
    <tr role="row">
      <HeadCell>
        {displayName && <bdi class="name">{displayName}</bdi>}{" "}
        <small>{text.targetKinds[kind]}</small> <code>{id}</code>
      </HeadCell>
      <Cell label={text.until} title={until === undefined ? undefined : formatDateTime(until)}>
        {until === undefined ? text.durations.forever : formatDate(until)}
      </Cell>
      <Cell label={text.banReason} class="wide" dir="auto">{reason ?? "–"}</Cell>
      <Cell label={text.by} title={formatDateTime(at)}>
        <code>{by}</code>
      </Cell>
      <Cell class="actions">
        <ActionButton label={text.liftBanOf(nameOf(ban))} onClick={onLift}>
          {text.lift}
        </ActionButton>
      </Cell>
    </tr>
  );
}

function nameOf({ displayName, id }: Ban): string {
  return displayName ?? id;
}
