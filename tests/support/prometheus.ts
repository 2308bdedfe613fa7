import parse from "parse-prometheus-text-format";

/** A metric with all its labels, as a third-party parser reads it. */
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

/** Parses the response of `/metrics`. Throws if it is invalid. */
export function readFamilies(text: string): Map<string, ReadFamily> {
  const families: ReadFamily[] = parse(text);
  return new Map(families.map((family) => [family.name, family]));
}
