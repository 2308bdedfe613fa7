/** Whether server and generator are each bound to a CPU of their own: only with `taskset` and two CPUs. */
export const isPinned = navigator.hardwareConcurrency >= 2 && await hasTaskset();

/** The command that runs `command` on one CPU; the command itself where that is not possible. */
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
    return false; // there is no such program
  }
}
