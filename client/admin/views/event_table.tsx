import type { TraceEvent } from "../../../server/protocol/admin_replies.ts";
import { formatPreciseTime, strings } from "../i18n/admin_strings.ts";
import { Cell, DataTable, HeadCell } from "./data_table.tsx";

interface EventTableProps {
  readonly label: string;
  readonly events: readonly TraceEvent[];
}

export function EventTable({ label, events }: EventTableProps) {
  const { time, tab, event, details, noEvents, unnamedTab, events: eventNames } = strings.value;
  if (events.length === 0) return <p class="hint">{noEvents}</p>;
  return (
    <DataTable class="stacked" label={label} columns={[time, tab, event, details]}>
      {events.map((event, index) => (
        <tr key={index} role="row">
          <HeadCell>{formatPreciseTime(event.at)}</HeadCell>
          <Cell>{"tab" in event ? event.tab || unnamedTab : ""}</Cell>
          <Cell>{eventNames[event.event]}</Cell>
          <Cell>{detailsOf(event)}</Cell>
        </tr>
      ))}
    </DataTable>
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
