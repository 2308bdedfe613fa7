import parse from "parse-prometheus-text-format";

/** A family of figures, as a program reads it that is not Halley's. */
export interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly metrics: readonly {
    readonly value?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly buckets?: Readonly<Record<string, string>>;
    readonly count?: string;
    readonly sum?: string;
  }[];
}

/** Reads what `/metrics` says. Throws on what is no such text. */
export function readFamilies(text: string): Map<string, ReadFamily> {
  const families: ReadFamily[] = parse(text);
  return new Map(families.map((family) => [family.name, family]));
}
