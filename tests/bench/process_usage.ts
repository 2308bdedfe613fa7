/**
 * CPU and memory usage of processes, from Linux's `/proc`.
 *
 * @module
 */

/** Clock ticks per second: 100 on every Linux that Deno supports. */
const TICKS = 100;

/** CPU seconds (user and system) of a process with all its threads, with a resolution of 0.01 s. */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the name of the program in parentheses, which can contain spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** CPU seconds of all processes together, and CPU seconds that the host gave to other virtual machines. */
export function machineCpuSeconds(): { readonly used: number; readonly stolen: number } {
  const fields = Deno.readTextFileSync("/proc/stat").split("\n", 1).join().split(/\s+/).map(Number);
  const [, user = 0, nice = 0, system = 0, , , , , stolen = 0] = fields;
  return { used: (user + nice + system) / TICKS, stolen: stolen / TICKS };
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
  if (match === null) throw new Error(`Cannot read the memory of process ${pid}`);
  return Number(match[1]) * 1024;
}
