import { cpuSeconds, machineCpuSeconds } from "../process_usage.ts";

/** CPU usage during a measurement. */
export interface CpuUse {
  readonly seconds: number;
  /** CPU seconds of the server. */
  readonly server: number;
  /** Share of one CPU that the generator used. Near 1, the generator was the bottleneck. */
  readonly generator: number;
  /** Share of one CPU that other processes or the host used. It makes the results less accurate. */
  readonly others: number;
}

/** Starts to measure CPU usage. The returned function ends it. */
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
