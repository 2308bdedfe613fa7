import { type Signal, useSignal } from "@preact/signals";
import type {
  MessageTrace,
  SessionTrace,
  TracedReader,
} from "../../../server/protocol/admin_replies.ts";
import { formatDateTime } from "../../ui/i18n/format_time.ts";
import { describeError, formatCount, formatPreciseTime, strings } from "../i18n/admin_strings.ts";
import type { AdminState, Trace } from "../state/admin_state.ts";
import { EventTable } from "./event_table.tsx";
import { MessageActions } from "./message_actions.tsx";

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
            <MessageSummary trace={trace} />
            <MessageActions key={trace.message.id} admin={admin} message={trace.message} />
            <Readers key={`readers ${trace.message.id}`} admin={admin} trace={trace} />
          </>
        )
        : (
          <>
            <SessionSummary admin={admin} trace={trace} />
            <EventTable label={trace.session} events={trace.events} />
          </>
        )}
      {trace.since !== undefined && (
        <p class="hint">{strings.value.traceSince(formatDateTime(trace.since))}</p>
      )}
    </div>
  );
}

/** The message, and how many tabs have it, wait for it, or have left. */
function MessageSummary({ trace: { message, readers } }: { readonly trace: MessageTrace }) {
  const { messageIn, noReaders, sums } = strings.value;
  const count = (...verdicts: readonly TracedReader["verdict"][]) =>
    readers.filter(({ verdict }) => verdicts.includes(verdict)).length;
  return (
    <>
      <p>
        {messageIn(message.id, message.channel)}, <time>{formatPreciseTime(message.at)}</time>
      </p>
      {readers.length === 0 ? <p class="hint">{noReaders}</p> : (
        <Sums
          sums={[
            [count("acknowledged"), sums.received],
            [count("answered", "polling"), sums.waiting],
            [count("left"), sums.left],
          ]}
        />
      )}
    </>
  );
}

interface TracedSessionProps {
  readonly admin: AdminState;
  readonly trace: SessionTrace;
}

/** What the tabs of a session did, in numbers. */
function SessionSummary({ admin, trace: { session, events } }: TracedSessionProps) {
  const { sums } = strings.value;
  const tabs = new Set(events.map((event) => "tab" in event ? event.tab : undefined));
  tabs.delete(undefined);
  const messages = events.flatMap((event) => event.event === "answered" ? event.messages : []);
  const count = (name: "polled" | "left") => events.filter(({ event }) => event === name).length;
  return (
    <>
      <p>
        {admin.nameOf(session) && <bdi>{admin.nameOf(session)}</bdi>} <code>{session}</code>
      </p>
      <Sums
        sums={[
          [tabs.size, sums.tabs],
          [count("polled"), sums.polls],
          [messages.length, sums.messages],
          [count("left"), sums.disconnects],
        ]}
      />
    </>
  );
}

function Sums({ sums }: { readonly sums: readonly (readonly [count: number, label: string])[] }) {
  return (
    <ul class="sums">
      {sums.map(([count, label]) => (
        <li key={label}>
          <strong>{formatCount(count)}</strong> {label}
        </li>
      ))}
    </ul>
  );
}

/** Number of readers that are listed at first. */
const SHOWN_READERS = 20;

/** Those first who may have a problem. */
const VERDICTS = ["left", "polling", "answered", "acknowledged"] as const;

interface ReadersProps {
  readonly admin: AdminState;
  readonly trace: MessageTrace;
}

/** The tabs that read the channel of the message, each with its events when it is opened. */
function Readers({ admin, trace: { readers } }: ReadersProps) {
  const isComplete = useSignal(false);
  const { unnamedTab, verdicts, showAll } = strings.value;
  const sorted = [...readers].sort((one, other) =>
    VERDICTS.indexOf(one.verdict) - VERDICTS.indexOf(other.verdict)
  );
  const shown = isComplete.value ? sorted : sorted.slice(0, SHOWN_READERS);
  return (
    <div class="readers">
      {shown.map(({ session, tab, verdict, events }) => (
        <details key={`${session} ${tab}`} class="reader" data-verdict={verdict}>
          <summary>
            <bdi>{admin.nameOf(session)}</bdi> <code>{session}</code>{" "}
            <span class="hint">{tab || unnamedTab}</span> <strong>{verdicts[verdict]}</strong>
          </summary>
          <EventTable label={`${session} ${tab}`} events={events} />
        </details>
      ))}
      {shown.length < sorted.length && (
        <button
          type="button"
          class="quiet"
          onClick={() => isComplete.value = true}
        >
          {showAll(formatCount(sorted.length))}
        </button>
      )}
    </div>
  );
}
