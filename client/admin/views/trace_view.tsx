import { type Signal, useSignal } from "@preact/signals";
import type { MessageTrace, TraceEvent } from "../../../server/protocol/admin_replies.ts";
import { formatDateTime } from "../../ui/i18n/format_time.ts";
import { describeError, formatPreciseTime, strings } from "../i18n/admin_strings.ts";
import type { AdminState, Trace } from "../state/admin_state.ts";
import { ConfirmDialog } from "./confirm_dialog.tsx";

interface TraceViewProps {
  readonly admin: AdminState;
  /** A message id or a public token. */
  readonly target: Signal<string>;
}

/** Looks up what happened to a message or to a session. */
export function TraceView({ admin, target }: TraceViewProps) {
  const submit = (event: Event) => {
    event.preventDefault();
    if (target.value.trim()) admin.loadTrace(target.value.trim());
  };
  const trace = admin.trace.value;
  const error = admin.traceError.value;
  const isTraced = admin.shownNode.value?.overview.isTraced;
  return (
    <section class="card" aria-labelledby="trace-title">
      <header>
        <h2 id="trace-title">{strings.value.trace}</h2>
        <form class="trace-form" onSubmit={submit}>
          <input
            id="trace-target"
            aria-label={strings.value.traceTarget}
            placeholder={strings.value.traceTarget}
            spellcheck={false}
            value={target.value}
            onInput={(event) => target.value = event.currentTarget.value}
          />
          <button type="submit" class="quiet">{strings.value.lookUp}</button>
        </form>
      </header>
      {isTraced === false && <p class="hint">{strings.value.traceOff}</p>}
      {error !== undefined && <p class="error-line" role="alert">{describeError(error)}</p>}
      {trace && <TraceResult admin={admin} result={trace} />}
    </section>
  );
}

interface TraceResultProps {
  readonly admin: AdminState;
  readonly result: Trace;
}

function TraceResult({ admin, result: { kind, trace } }: TraceResultProps) {
  return (
    <div role="status">
      {kind === "message"
        ? (
          <>
            <MessageReaders trace={trace} />
            <MessageActions key={trace.message.id} admin={admin} message={trace.message} />
          </>
        )
        : <EventTable label={trace.session} events={trace.events} />}
      {trace.since !== undefined && (
        <p class="hint">{strings.value.traceSince(formatDateTime(trace.since))}</p>
      )}
    </div>
  );
}

interface MessageActionsProps {
  readonly admin: AdminState;
  readonly message: MessageTrace["message"];
}

/** Edits the message in a dialog, or deletes it after a confirmation. */
function MessageActions({ admin, message }: MessageActionsProps) {
  const dialog = useSignal<"edit" | "delete" | undefined>(undefined);
  const done = useSignal<"edit" | "delete" | undefined>(undefined);
  const text = useSignal("");
  const { id } = message;
  const edit = async () => {
    text.value = await admin.textOf(message);
    dialog.value = "edit";
  };
  const onClose = (isDone: boolean) => {
    if (isDone) done.value = dialog.value;
    dialog.value = undefined;
  };
  const { deleted, confirmDelete, deleteEffect, deleteMessage } = strings.value;
  const { edited, confirmEdit, editEffect, editMessage, noticeText } = strings.value;
  if (done.value === "delete") return <p>{deleted(id)}</p>;
  return (
    <>
      {done.value === "edit" && <p>{edited(id)}</p>}
      <button type="button" class="quiet" onClick={edit}>{editMessage}…</button>
      <button type="button" class="quiet danger" onClick={() => dialog.value = "delete"}>
        {deleteMessage}…
      </button>
      {dialog.value === "edit" && (
        <ConfirmDialog
          title={confirmEdit(id)}
          effect={editEffect}
          action={editMessage}
          isDangerous={false}
          onConfirm={() => admin.editMessage(id, text.value)}
          onClose={onClose}
        >
          <textarea
            aria-label={noticeText}
            dir="auto"
            rows={5}
            value={text.value}
            onInput={(event) => text.value = event.currentTarget.value}
          />
        </ConfirmDialog>
      )}
      {dialog.value === "delete" && (
        <ConfirmDialog
          title={confirmDelete(id)}
          effect={deleteEffect}
          action={deleteMessage}
          onConfirm={() => admin.deleteMessage(id)}
          onClose={onClose}
        />
      )}
    </>
  );
}

function MessageReaders({ trace: { message, readers } }: { readonly trace: MessageTrace }) {
  const { messageIn, noReaders, unnamedTab, verdicts } = strings.value;
  return (
    <>
      <p>
        {messageIn(message.id, message.channel)}, <time>{formatPreciseTime(message.at)}</time>
      </p>
      {readers.length === 0 && <p class="hint">{noReaders}</p>}
      {readers.map(({ session, tab, verdict, events }) => (
        <article key={`${session} ${tab}`} class="reader" data-verdict={verdict}>
          <h3>
            <code>{session}</code> {tab || unnamedTab}: {verdicts[verdict]}
          </h3>
          <EventTable label={`${session} ${tab}`} events={events} />
        </article>
      ))}
    </>
  );
}

interface EventTableProps {
  readonly label: string;
  readonly events: readonly TraceEvent[];
}

function EventTable({ label, events }: EventTableProps) {
  const { time, tab, event, details, noEvents, unnamedTab, events: eventNames } = strings.value;
  if (events.length === 0) return <p class="hint">{noEvents}</p>;
  return (
    <div class="table" tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            {[time, tab, event, details].map((title) => <th key={title} scope="col">{title}</th>)}
          </tr>
        </thead>
        <tbody>
          {events.map((event, index) => (
            <tr key={index}>
              <td>{formatPreciseTime(event.at)}</td>
              <td>{"tab" in event ? event.tab || unnamedTab : ""}</td>
              <td>{eventNames[event.event]}</td>
              <td>{detailsOf(event)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function detailsOf(event: TraceEvent): string {
  const { messageIn, acknowledgedUpTo, deliveredMessages, outcomes } = strings.value;
  switch (event.event) {
    case "appended":
      return messageIn(event.id, event.channel);
    case "polled":
      return event.after === undefined ? "" : acknowledgedUpTo(event.after);
    case "answered":
      return event.outcome === "message"
        ? deliveredMessages(event.messages)
        : outcomes[event.outcome];
    default:
      return "";
  }
}
