/**
 * The load generator: runs one scenario against one server, in its own process.
 *
 * `load.ts <scenario> <port> <pid of the server>` prints the measurement as JSON.
 *
 * @module
 */

import type { Measurement, ScenarioName } from "./metrics.ts";
import { appends } from "./load/appends.ts";
import { openCpuWindow } from "./load/cpu_window.ts";
import { fanOut1000, fanOut5000 } from "./load/fan_out.ts";
import { memory } from "./load/memory.ts";
import { pairs } from "./load/pairs.ts";
import type { Scenario } from "./load/scenario.ts";
import { SocketLoop } from "./load/socket_loop.ts";

const SCENARIOS: Record<ScenarioName, Scenario> = {
  memory,
  "fanout-1000": fanOut1000,
  "fanout-5000": fanOut5000,
  pairs,
  appends,
};

const [name, port, serverPid] = Deno.args;
const scenario = Object.entries(SCENARIOS).find(([key]) => key === name)?.[1];
if (scenario === undefined) throw new Error(`Unknown scenario "${name}"`);
using loop = new SocketLoop(Number(port));
const target = { loop, serverPid: Number(serverPid) };
const closeWindow = openCpuWindow(target.serverPid);
const readings = scenario(target);
console.log(JSON.stringify({ readings, others: closeWindow().others } satisfies Measurement));
