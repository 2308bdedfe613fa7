import { formatCount, formatRate, formatSize, words } from "../i18n/admin_words.ts";
import type { AdminState } from "../state/admin_state.ts";
import type { Figure, Sample } from "../state/rates.ts";
import { Chart } from "./chart.tsx";

/** What there is and what happens, each with its last minutes. */
export function FiguresView({ desk }: { readonly desk: AdminState }) {
  const shown = desk.shown.value;
  if (shown === undefined) return null;
  const { samples, overview: { sessions, windowBytes, counts } } = shown;
  return (
    <section class="figures" aria-label={words.value.figures}>
      <FigureView samples={samples} figure="parked" format={formatCount} />
      <FigureView samples={samples} figure="present" format={formatCount}>
        {words.value.kept(formatCount(sessions))}
      </FigureView>
      <FigureView samples={samples} figure="messages" format={formatRate} isRate />
      <FigureView samples={samples} figure="deliveries" format={formatRate} isRate />
      <FigureView samples={samples} figure="polls" format={formatRate} isRate>
        {words.value.gaps(formatCount(counts.gaps))}
      </FigureView>
      <FigureView samples={samples} figure="refusals" format={formatRate} isRate />
      <FigureView samples={samples} figure="memory" format={formatSize}>
        {words.value.window(formatSize(windowBytes))}
      </FigureView>
    </section>
  );
}

interface FigureViewProps {
  readonly samples: readonly Sample[];
  readonly figure: Figure;
  readonly format: (value: number) => string;
  readonly isRate?: boolean;
  readonly children?: string;
}

function FigureView({ samples, figure, format, isRate = false, children }: FigureViewProps) {
  const values = samples.map((sample) => sample[figure]);
  const now = format(values.at(-1) ?? 0);
  const most = format(Math.max(0, ...values));
  const name = words.value[figure];
  const unit = isRate ? ` ${words.value.perSecond}` : "";
  return (
    <article class="figure" data-figure={figure}>
      <h2>{name}</h2>
      <p>
        <strong>{now}</strong>
        {isRate && <small>{words.value.perSecond}</small>}
      </p>
      <Chart values={values} label={words.value.chart(name, now + unit, most + unit)} />
      <p class="hint">{children ?? words.value.most(most)}</p>
    </article>
  );
}
