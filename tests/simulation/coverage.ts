/**
 * Counts which faults have met which phases, so that a simulation which visits nothing is seen. A phase is what the victim
 * was doing at that moment, and it can be in several.
 */
export class Coverage {
  readonly #cells = new Map<string, Map<string, number>>();

  add(fault: string, phases: Iterable<string>): void {
    const row = this.#cells.get(fault) ?? new Map<string, number>();
    this.#cells.set(fault, row);
    for (const phase of phases) row.set(phase, (row.get(phase) ?? 0) + 1);
  }

  count(fault: string, phase: string): number {
    return this.#cells.get(fault)?.get(phase) ?? 0;
  }

  /** Adds the counts of another run, from `toJSON`. */
  addAll(other: Readonly<Record<string, Readonly<Record<string, number>>>>): void {
    for (const [fault, row] of Object.entries(other)) {
      for (const [phase, count] of Object.entries(row)) {
        for (let n = 0; n < count; n++) this.add(fault, [phase]);
      }
    }
  }

  toJSON(): Record<string, Record<string, number>> {
    return Object.fromEntries(
      [...this.#cells].map(([fault, row]) => [fault, Object.fromEntries(row)]),
    );
  }

  /** A table: a line for each fault, a column for each phase. */
  format(): string {
    const phases = [...new Set([...this.#cells.values()].flatMap((row) => [...row.keys()]))].sort();
    const faults = [...this.#cells.keys()].sort();
    const width = Math.max(0, ...faults.map((fault) => fault.length));
    const lineOf = (name: string, cells: readonly string[]) =>
      [name.padEnd(width), ...cells.map((cell, n) => cell.padStart(phases[n]?.length ?? 0))]
        .join("  ");
    return [
      lineOf("", phases),
      ...faults.map((fault) =>
        lineOf(fault, phases.map((phase) => String(this.count(fault, phase) || "-")))
      ),
    ].join("\n");
  }
}

/** What must have happened in many runs: faults, each with phases that it must have met. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  "kill": [
    "appending",
    "idle",
    "polls parked",
    "several workers",
    "starting",
    "store unavailable",
  ],
  "stop": ["idle", "polls parked"],
  "starve": ["idle", "polls parked"],
  "set clock": ["polls parked"],
};

/** The cells of {@linkcode REQUIRED} that are empty. */
export function missingCells(coverage: Coverage): readonly string[] {
  return Object.entries(REQUIRED).flatMap(([fault, phases]) =>
    phases.filter((phase) => coverage.count(fault, phase) === 0)
      .map((phase) => `${fault} while ${phase}`)
  );
}
