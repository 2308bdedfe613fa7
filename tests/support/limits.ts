import { readConfig } from "../../server/config/config.ts";
import type { LimitName } from "../../server/http/limits/limit_settings.ts";
import { Limits } from "../../server/http/limits/limits.ts";

/** Limits as a server has them whose operator set these; and those that were passed. */
export function openLimits(settings: Record<string, string> = {}): {
  readonly limits: Limits;
  readonly passed: LimitName[];
} {
  const passed: LimitName[] = [];
  const { limits } = readConfig(settings);
  return {
    limits: new Limits(limits, {
      onLimited: (limit) => passed.push(limit),
      onUntrusted: () => {},
    }),
    passed,
  };
}
