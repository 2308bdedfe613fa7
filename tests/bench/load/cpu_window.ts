import { cpuSeconds, machineCpuSeconds } from "../process_usage.ts";

/** What was used while a measurement ran. */
export interface CpuUse {
  readonly seconds: number;
  /** CPU seconds of the server. */
  readonly server: number;
  /** Share of one CPU that the generator used: near 1, the generator was the brake and not the server. */
  readonly generator: number;
  /** Share of one CPU that others took, the machine's host among them: it spoils the figures. */
  readonly others: number;
}

/** Opens a window on the CPUs; the function that it gives closes it. */
export function openCpuWindow(serverPid: number): () => CpuUse {
  const start = reading(serverPid);
  return () => {
    const end = reading(serverPid);
    const seconds = (end.at - start.at) / 1000;
    const server = end.server - start.server;
    const generator = end.generator - start.generator;
    const others = end.machine - start.machine - server - generator;
    return {
      seconds,
      server,
      generator: generator / seconds,
      others: Math.max(0, others / seconds),
    };
  };
}

function reading(serverPid: number) {
  const { used, stolen } = machineCpuSeconds();
  return {
    at: performance.now(),
    server: cpuSeconds(serverPid),
    generator: cpuSeconds(Deno.pid),
    machine: used + stolen,
  };
}
