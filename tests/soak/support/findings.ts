import type { Report } from "../../../server/commands/soak/report.ts";

/** The findings of a run in which nothing went wrong. */
export const NOTHING = { lost: 0, duplicated: 0, outOfOrder: 0, outdated: 0, stopped: 0, gaps: 0 };

/** The findings of a report, and how often its server was restarted. */
export function findingsOf(report: Report) {
  const { lost, duplicated, outOfOrder, outdated, stopped, gaps, restarts } = report;
  return { lost, duplicated, outOfOrder, outdated, stopped, gaps, restarts };
}
