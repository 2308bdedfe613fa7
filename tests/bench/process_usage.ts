/**
 * What processes use, as Linux tells it under `/proc`.
 *
 * @module
 */

/** Clock ticks a second: 100 on every Linux that Deno runs on. */
const TICKS = 100;

/** CPU seconds, user and system, that a process has used with all its threads, to 0.01 s. */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, which may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** CPU seconds that all processes together have used, and what the host took away from this machine. */
export function machineCpuSeconds(): { readonly used: number; readonly stolen: number } {
  const fields = Deno.readTextFileSync("/proc/stat").split("\n", 1).join().split(/\s+/).map(Number);
  const [, user = 0, nice = 0, system = 0, , , , , stolen = 0] = fields;
  return { used: (user + nice + system) / TICKS, stolen: stolen / TICKS };
}

/** Bytes of memory that a process holds resident. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
  if (match === null) throw new Error(`Cannot read the memory of process ${pid}`);
  return Number(match[1]) * 1024;
}
