/** So high is a chart, in units of its own, and so many values it has room for at least. */
const HEIGHT = 40;
const LEAST = 30;

interface ChartProps {
  /** The newest last. */
  readonly values: readonly number[];
  /** What it shows, in words. */
  readonly label: string;
}

/** The last values of a figure as a line, the newest at the right edge. */
export function Chart({ values, label }: ChartProps) {
  const most = Math.max(1e-9, ...values);
  const width = Math.max(LEAST, values.length) - 1;
  const start = width - values.length + 1;
  const points = values.map((value, n) => {
    const x = start + n;
    return `${x} ${(HEIGHT - 1 - (HEIGHT - 3) * value / most).toFixed(1)}`;
  });
  const line = points.length > 1 ? `M${points.join("L")}` : "";
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {line && <path class="area" d={`${line}L${width} ${HEIGHT}L${start} ${HEIGHT}Z`} />}
      {line && <path class="line" d={line} />}
    </svg>
  );
}
