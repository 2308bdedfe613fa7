import { assertEquals } from "@std/assert";
import { Logger } from "../../server/base/logger.ts";
import { allocateMemory } from "../../server/workers/shared_memory.ts";
import { WorkerGroup } from "../../server/workers/worker_group.ts";
import { stopClock } from "../support/clock.ts";

const GROUP = new URL("../../server/workers/worker_group.ts", import.meta.url);
const LOGGER = new URL("../../server/base/logger.ts", import.meta.url);

/** The module of a worker that answers every call, and then does this. */
function workerThat(does: string): URL {
  const code = `
    self.onmessage = ({ data: [kind, number] }) => {
      if (kind === "call") self.postMessage(["result", number]);
      ${does}
    };`;
  return new URL(`data:application/javascript,${encodeURIComponent(code)}`);
}

/** Starts a worker of that module, and continues for a while. */
const programFor = (module: URL) => `
  import { WorkerGroup } from ${JSON.stringify(GROUP)};
  import { Logger } from ${JSON.stringify(LOGGER)};

  setTimeout(() => console.log("still here"), 5_000);
  await WorkerGroup.start({
    count: 2,
    startOf: () => ({}),
    onStoreLost: () => {},
    logger: new Logger("info"),
    module: new URL(${JSON.stringify(module)}),
  });
`;

const DEATHS = [
  {
    title: "whose module cannot be loaded",
    module: new URL("data:application/javascript,nonsense nonsense"),
    reason: /SyntaxError/,
  },
  {
    title: "that throws at the start",
    module: new URL("data:application/javascript,throw new Error('at the start')"),
    reason: /at the start/,
  },
  {
    title: "that throws later",
    module: workerThat("setTimeout(() => { throw new Error('later'); }, 100);"),
    reason: /later/,
  },
  {
    title: "with a rejection that nobody handles",
    module: workerThat("setTimeout(() => Promise.reject(new Error('rejected')), 100);"),
    reason: /rejected/,
  },
];

for (const { title, module, reason } of DEATHS) {
  Deno.test(`[Z6] a worker ${title} ends the process with status 1, and is logged`, async () => {
    const url = `data:application/typescript,${encodeURIComponent(programFor(module))}`;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-lock", "--allow-all", url],
      env: { NO_COLOR: "1" },
    });

    const { code, stdout, stderr } = await command.output();

    const [output = "", log = ""] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    const line = log.split("\n").find((one) => one.includes("worker_died")) ?? "{}";
    assertEquals([code, output], [1, ""], log);
    const { level, died, reason: logged } = JSON.parse(line);
    assertEquals([level, died, reason.test(logged)], ["error", 2, true], log);
  });
}

Deno.test("[Z6] a worker that gives no sign of life for a minute ends the process", async () => {
  using clock = stopClock();
  const exited: number[] = [];
  using _group = await WorkerGroup.start({
    count: 2,
    startOf: (worker) => ({
      ...{ worker, count: 2, settings: {}, certificate: undefined, store: undefined },
      memory: allocateMemory({ parkedPolls: 10 }),
    }),
    onStoreLost: () => {},
    logger: new Logger("error"),
    module: workerThat("self.close();"),
    exit: (status) => exited.push(status),
  });

  await clock.pass(50_000);
  const before = [...exited];
  await clock.pass(15_000);

  assertEquals([before, exited], [[], [1]]);
});
