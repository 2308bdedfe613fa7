/** The labels of a sample. Values must not need escaping. */
export type Labels = Readonly<Record<string, string>>;

/** One line of `/metrics`. */
export interface Sample {
  /** Appended to the name of the family, such as `_bucket`. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

/** A metric with all its samples. */
export interface Family {
  /** Without the prefix `halley_`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The content type of the format. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Writes metrics in the Prometheus text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function formatFamilies(families: readonly Family[]): string {
  return families.map(formatFamily).join("");
}

function formatFamily({ name, type, help, samples }: Family): string {
  const fullName = name.startsWith("process_") ? name : `halley_${name}`;
  const lines = samples.map(({ suffix = "", labels = {}, value }) =>
    `${fullName}${suffix}${formatLabels(labels)} ${value}\n`
  );
  return `# HELP ${fullName} ${help}\n# TYPE ${fullName} ${type}\n${lines.join("")}`;
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
