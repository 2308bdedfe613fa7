/** Whether server and generator are each pinned to a CPU. Needs `taskset` and two CPUs. */
export const isPinned = navigator.hardwareConcurrency >= 2 && await hasTaskset();

/** The command that runs `command` on one CPU, or `command` itself if that is not possible. */
export function pinnedTo(
  cpu: number,
  command: readonly [string, ...string[]],
): [string, ...string[]] {
  return isPinned ? ["taskset", "-c", String(cpu), ...command] : [...command];
}

async function hasTaskset(): Promise<boolean> {
  try {
    return (await new Deno.Command("taskset", { args: ["-c", "0,1", "true"] }).output()).success;
  } catch {
    return false; // It is not installed.
  }
}
