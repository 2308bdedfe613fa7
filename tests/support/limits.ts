import { readConfig } from "../../server/config/config.ts";
import type { LimitName } from "../../server/http/limits/limit_settings.ts";
import { Limits } from "../../server/http/limits/limits.ts";

/** Limits with these settings, and the names of limits that were exceeded. */
export function openLimits(settings: Record<string, string> = {}): {
  readonly limits: Limits;
  readonly exceeded: LimitName[];
} {
  const exceeded: LimitName[] = [];
  const { limits } = readConfig(settings);
  return {
    limits: new Limits(limits, {
      onLimited: (limit) => exceeded.push(limit),
      onUntrusted: () => {},
    }),
    exceeded,
  };
}
