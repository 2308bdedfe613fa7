import { assertEquals } from "@std/assert";
import { join } from "node:path";

const SERVER = join(import.meta.dirname!, "../../server");

/** Throws uncaught errors, one after the other; then prints that it is still running. */
const PROGRAM = `
  import { logUncaughtErrors } from ${JSON.stringify(`file://${SERVER}/base/uncaught_errors.ts`)};
  import { Logger } from ${JSON.stringify(`file://${SERVER}/base/logger.ts`)};

  const logging = logUncaughtErrors(new Logger("error"));
  setTimeout(() => { throw new Error("in a timer"); }, 0);
  await new Promise((resolve) => setTimeout(resolve, 10));
  queueMicrotask(() => { throw new Error("in a microtask"); });
  await new Promise((resolve) => setTimeout(resolve, 0));
  Promise.reject(new Error("in the background"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  reportError(new Error("reported"));
  console.log("still here");
  logging[Symbol.dispose]();
  Promise.reject(new Error("afterwards"));
`;

Deno.test("[O17] an uncaught error is logged as an internal error, and does not end the process", async () => {
  const url = `data:application/typescript,${encodeURIComponent(PROGRAM)}`;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--allow-all", url],
    env: { NO_COLOR: "1" },
  });

  const { code, stdout, stderr } = await command.output();

  const [output, log] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const lines = (log ?? "").split("\n").filter((line) => line.startsWith('{"at"'));
  const events = lines.map((line) => JSON.parse(line));
  assertEquals(output, "still here\n", log);
  assertEquals(
    events.map(({ level, event, stack }) => [level, event, String(stack).split("\n")[0]]),
    ["in a timer", "in a microtask", "in the background", "reported"].map((message) => [
      "error",
      "internal_error",
      `Error: ${message}`,
    ]),
  );
  // Without the listener, an uncaught error ends the program as usual.
  assertEquals([code, log?.includes("Uncaught (in promise) Error: afterwards")], [1, true], log);
});

/** A worker in which errors are uncaught, one after the other; then it says that it is still running. */
const WORKER = `
  import { logUncaughtErrors } from ${JSON.stringify(`file://${SERVER}/base/uncaught_errors.ts`)};
  import { Logger } from ${JSON.stringify(`file://${SERVER}/base/logger.ts`)};

  logUncaughtErrors(new Logger("error", { worker: 2 }));
  setTimeout(() => { throw new Error("in a timer"); }, 0);
  await new Promise((resolve) => setTimeout(resolve, 10));
  Promise.reject(new Error("in the background"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  self.postMessage("still here");
`;

const MAIN = `
  const url = ${JSON.stringify(`data:application/typescript,${encodeURIComponent(WORKER)}`)};
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = ({ data }) => {
    console.log(data);
    worker.terminate();
  };
`;

Deno.test("[Z8] an uncaught error in a worker is logged with its number, and does not end it", async () => {
  const url = `data:application/typescript,${encodeURIComponent(MAIN)}`;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--allow-all", url],
    env: { NO_COLOR: "1" },
  });

  const { code, stdout, stderr } = await command.output();

  const [output, log = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const lines = log.split("\n").filter((line) => line.startsWith('{"at"'));
  const events = lines.map((line) => JSON.parse(line));
  assertEquals([code, output], [0, "still here\n"], log);
  assertEquals(
    events.map(({ event, worker, stack }) => [event, worker, String(stack).split("\n")[0]]),
    ["in a timer", "in the background"].map((text) => ["internal_error", 2, `Error: ${text}`]),
  );
});
