import { SYSTEM_RUNTIME } from "./runtime.ts";

/** Resolves after `ms` of real time, or as soon as `signal` is aborted. Never rejects. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return SYSTEM_RUNTIME.delay(ms, signal);
}
