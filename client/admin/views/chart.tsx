/** So wide and high is a chart, in units of its own, and so many values it has room for. */
const WIDTH = 150;
const HEIGHT = 40;

interface ChartProps {
  /** The newest last. */
  readonly values: readonly number[];
  /** What it shows, in words. */
  readonly label: string;
}

/** The last values of a figure as a line, the newest at the right edge. */
export function Chart({ values, label }: ChartProps) {
  const most = Math.max(1e-9, ...values);
  const points = values.map((value, n) => {
    const x = WIDTH - (values.length - 1 - n);
    return `${x} ${(HEIGHT - 1 - (HEIGHT - 3) * value / most).toFixed(1)}`;
  });
  const line = points.length > 1 ? `M${points.join("L")}` : "";
  const start = WIDTH - values.length + 1;
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {line && <path class="area" d={`${line}L${WIDTH} ${HEIGHT}L${start} ${HEIGHT}Z`} />}
      {line && <path class="line" d={line} />}
    </svg>
  );
}
