/** A line of a chart: a value per point of time. */
export interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

/** Lines over one axis. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [720, 190, 60, 34, 26];
const COLOURS = ["#2563eb", "#d97706", "#dc2626"];

/** Draws charts below each other, as SVG. `minutes` is the length of the x axis. */
export function drawCharts(charts: readonly Chart[], minutes: number): string {
  const height = charts.length * HEIGHT;
  const parts = charts.map((chart, n) =>
    `<g transform="translate(0 ${n * HEIGHT})">${drawChart(chart, minutes)}</g>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `font-family="sans-serif" font-size="12">\n<rect width="${WIDTH}" height="${height}" fill="#fff"/>\n` +
    parts.join("\n") + "\n</svg>\n";
}

function drawChart({ title, unit, lines }: Chart, minutes: number): string {
  const highest = Math.max(1e-9, ...lines.flatMap(({ values }) => values.filter(Number.isFinite)));
  const max = niceAbove(highest);
  const [width, height] = [WIDTH - LEFT - 20, HEIGHT - TOP - BOTTOM];
  const y = (value: number) => TOP + height * (1 - value / max);
  const grid = [0, 0.5, 1].map((share) => {
    const at = y(share * max);
    return `<path d="M${LEFT} ${at}h${width}" stroke="#ddd"/>` +
      `<text x="${LEFT - 6}" y="${at + 4}" text-anchor="end" fill="#555">${share * max}</text>`;
  });
  const times = Array.from(
    { length: minutes + 1 },
    (_, minute) =>
      `<text x="${LEFT + width * minute / minutes}" y="${HEIGHT - 10}" ` +
      `text-anchor="middle" fill="#555">${minute}</text>`,
  );
  const drawn = lines.map(({ name, values }, n) => {
    const points = values.flatMap((value, at) => {
      const x = LEFT + width * (at + 1) / values.length;
      return Number.isFinite(value) ? [`${x.toFixed(1)},${y(value).toFixed(1)}`] : [];
    });
    const colour = COLOURS[n % COLOURS.length];
    return `<polyline points="${
      points.join(" ")
    }" fill="none" stroke="${colour}" stroke-width="1.5"/>` +
      `<text x="${WIDTH - 20 - 90 * (lines.length - 1 - n)}" y="18" text-anchor="end" ` +
      `fill="${colour}">${name}</text>`;
  });
  return `<text x="${LEFT}" y="18" font-weight="bold" fill="#111">${title} (${unit})</text>` +
    [...grid, ...times, ...drawn].join("");
}

function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}
