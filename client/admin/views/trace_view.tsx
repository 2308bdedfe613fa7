import type { Signal } from "@preact/signals";
import type { MessageTrace, TraceEvent } from "../../../server/protocol/admin_replies.ts";
import { formatFull } from "../../ui/i18n/times.ts";
import { formatMoment, words } from "../i18n/admin_words.ts";
import type { AdminState, Traced } from "../state/admin_state.ts";
import { detailOf } from "./detail_of.ts";

interface TraceViewProps {
  readonly desk: AdminState;
  readonly what: Signal<string>;
}

/** What happened to a message, or to a session. */
export function TraceView({ desk, what }: TraceViewProps) {
  const submit = (event: Event) => {
    event.preventDefault();
    if (what.value.trim()) desk.look(what.value.trim());
  };
  const traced = desk.traced.value;
  const failure = desk.traceFailure.value;
  return (
    <section class="card" aria-labelledby="trace-title">
      <header>
        <h2 id="trace-title">{words.value.trace}</h2>
        <form class="trace-form" onSubmit={submit}>
          <input
            id="trace-what"
            aria-label={words.value.traceWhat}
            placeholder={words.value.traceWhat}
            spellcheck={false}
            value={what.value}
            onInput={(event) => what.value = event.currentTarget.value}
          />
          <button type="submit" class="quiet">{words.value.look}</button>
        </form>
      </header>
      {desk.shown.value?.overview.isTraced === false && <p class="hint">{words.value.traceOff}</p>}
      {failure !== undefined && <p class="error-line" role="alert">{detailOf(failure)}</p>}
      {traced && <TracedView traced={traced} />}
    </section>
  );
}

function TracedView({ traced }: { readonly traced: Traced }) {
  const { since } = traced.trace;
  return (
    <div role="status">
      {traced.kind === "message"
        ? <MessageTraceView trace={traced.trace} />
        : <Events label={traced.trace.session} events={traced.trace.events} />}
      {since !== undefined && <p class="hint">{words.value.traceSince(formatFull(since))}</p>}
    </div>
  );
}

function MessageTraceView({ trace: { message, readers } }: { readonly trace: MessageTrace }) {
  const { id, channel, at } = message;
  return (
    <>
      <p>
        {words.value.messageIn(id, channel)}, <time>{formatMoment(at)}</time>
      </p>
      {readers.length === 0 && <p class="hint">{words.value.noReaders}</p>}
      {readers.map(({ session, tab, verdict, events }) => (
        <article key={`${session} ${tab}`} class="reader" data-verdict={verdict}>
          <h3>
            <code>{session}</code> {tab || words.value.oneTab}: {words.value.verdicts[verdict]}
          </h3>
          <Events label={`${session} ${tab}`} events={events} />
        </article>
      ))}
    </>
  );
}

interface EventsProps {
  readonly label: string;
  readonly events: readonly TraceEvent[];
}

function Events({ label, events }: EventsProps) {
  if (events.length === 0) return <p class="hint">{words.value.noEvents}</p>;
  const { time, tab, event, detail } = words.value;
  return (
    <div class="table" tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            {[time, tab, event, detail].map((head) => <th key={head} scope="col">{head}</th>)}
          </tr>
        </thead>
        <tbody>
          {events.map((one, n) => (
            <tr key={n}>
              <td>{formatMoment(one.at)}</td>
              <td>{"tab" in one ? one.tab || words.value.oneTab : ""}</td>
              <td>{words.value.events[one.event]}</td>
              <td>{describe(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function describe(event: TraceEvent): string {
  switch (event.event) {
    case "appended":
      return words.value.messageIn(event.id, event.channel);
    case "polled":
      return event.after === undefined ? "" : words.value.after(event.after);
    case "answered": {
      const outcome = words.value.outcomes[event.outcome];
      return event.outcome === "message" ? words.value.brought(event.messages) : outcome;
    }
    default:
      return "";
  }
}
