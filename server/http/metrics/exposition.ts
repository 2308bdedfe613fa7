/** Labels of a sample, by name. Values are words of our own: nothing has to be escaped in them. */
export type Labels = Readonly<Record<string, string>>;

/** One line of `/metrics`. */
export interface Sample {
  /** Behind the name of the family: `_bucket`, for example. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

/** Samples that belong together. */
export interface Family {
  /** Without `halley_` in front. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Families in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function formatFamilies(families: readonly Family[]): string {
  return families.map(formatFamily).join("");
}

function formatFamily({ name, type, help, samples }: Family): string {
  const full = name.startsWith("process_") ? name : `halley_${name}`;
  const lines = samples.map(({ suffix = "", labels = {}, value }) =>
    `${full}${suffix}${formatLabels(labels)} ${value}\n`
  );
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}

function formatLabels(labels: Labels): string {
  const words = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return words.length === 0 ? "" : `{${words.join(",")}}`;
}
