import { formatCount, formatRate, formatSize, strings } from "../i18n/admin_strings.ts";
import type { AdminState } from "../state/admin_state.ts";
import type { Metric, Sample } from "../state/node_history.ts";

/** The metrics of the shown node, each with a chart of the last minutes. */
export function MetricsView({ admin }: { readonly admin: AdminState }) {
  const node = admin.shownNode.value;
  if (node === undefined) return null;
  const { samples, overview: { sessions, windowBytes, counts } } = node;
  const { metrics, stored, gaps, window } = strings.value;
  return (
    <section
      class="metrics"
      aria-label={metrics}
      aria-describedby="node-status"
      data-is-silent={admin.silentSince.value !== undefined}
    >
      <MetricCard samples={samples} metric="parked" format={formatCount} />
      <MetricCard samples={samples} metric="present" format={formatCount}>
        {stored(formatCount(sessions))}
      </MetricCard>
      <MetricCard samples={samples} metric="messages" format={formatRate} isRate />
      <MetricCard samples={samples} metric="deliveries" format={formatRate} isRate />
      <MetricCard samples={samples} metric="polls" format={formatRate} isRate>
        {gaps(formatCount(counts.gaps))}
      </MetricCard>
      <MetricCard samples={samples} metric="refusals" format={formatRate} isRate />
      <MetricCard samples={samples} metric="memory" format={formatSize}>
        {window(formatSize(windowBytes))}
      </MetricCard>
    </section>
  );
}

interface MetricCardProps {
  readonly samples: readonly Sample[];
  readonly metric: Metric;
  readonly format: (value: number) => string;
  readonly isRate?: boolean;
  /** Shown below the chart, instead of the peak. */
  readonly children?: string;
}

function MetricCard({ samples, metric, format, isRate = false, children }: MetricCardProps) {
  const { perSecond, chart, peak: peakLabel, [metric]: name } = strings.value;
  const values = samples.map((sample) => sample[metric]);
  const now = format(values.at(-1) ?? 0);
  const peak = format(Math.max(0, ...values));
  const unit = isRate ? ` ${perSecond}` : "";
  return (
    <article class="metric" data-metric={metric}>
      <h2>{name}</h2>
      <p>
        <strong>{now}</strong>
        {isRate && <small>{perSecond}</small>}
      </p>
      <Chart values={values} label={chart(name, now + unit, peak + unit)} />
      <p class="hint">{children ?? peakLabel(peak)}</p>
    </article>
  );
}

/** Height of a chart in SVG units; the style sheet scales it. */
const CHART_HEIGHT = 40;

/** Minimum number of values across a chart: with fewer, the line begins further to the right. */
const MIN_CHART_VALUES = 30;

interface ChartProps {
  /** Oldest first. */
  readonly values: readonly number[];
  /** What screen readers say instead. */
  readonly label: string;
}

/** A line through the values, with the newest at the right edge. */
function Chart({ values, label }: ChartProps) {
  const max = Math.max(1e-9, ...values);
  const width = Math.max(MIN_CHART_VALUES, values.length) - 1;
  const start = width - values.length + 1;
  const points = values.map((value, index) => {
    const y = CHART_HEIGHT - 1 - (CHART_HEIGHT - 3) * value / max;
    return `${start + index} ${y.toFixed(1)}`;
  });
  const line = points.length > 1 ? `M${points.join("L")}` : "";
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${width} ${CHART_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {line && (
        <path class="area" d={`${line}L${width} ${CHART_HEIGHT}L${start} ${CHART_HEIGHT}Z`} />
      )}
      {line && <path class="line" d={line} />}
    </svg>
  );
}
