/**
 * Starts a server for one scenario, in its own process, with a free port and an empty folder.
 *
 * @module
 */

import { fromNow, hasPassed } from "../../server/base/clock.ts";
import { delay } from "../../server/base/delay.ts";
import { ReservedPort } from "../../server/base/reserved_port.ts";
import { pinnedTo } from "./pinning.ts";

/** A server to measure. */
export type ServerName = keyof typeof SERVERS;

const NET = ["--no-prompt", "--allow-net"];

/** How to start each server. Halley has the permissions of `deno task start`. */
export const SERVERS = {
  reference: {
    title: "reference",
    flags: [...NET, "--allow-env"],
    script: import.meta.resolve("./reference.ts"),
  },
  halley: {
    title: "Halley",
    flags: [...NET, "--allow-read", "--allow-write", "--allow-env"],
    script: import.meta.resolve("../../main.ts"),
  },
} as const;

/** A server that is ready. When disposed, it is killed, and its folder removed. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** Rejects if the server ends before it is disposed. */
  readonly failed: Promise<never>;
}

const START_TIMEOUT = 20_000;

/** Starts a server and waits until it is ready. */
export async function startServer(
  name: ServerName,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const folder = await Deno.makeTempDir({ prefix: "halley-bench-" });
  const reserved = new ReservedPort();
  const { number: port } = reserved;
  const { title, flags, script } = SERVERS[name];
  const [command, ...args] = pinnedTo(0, [Deno.execPath(), "run", ...flags, script]);
  const child = new Deno.Command(command, {
    args,
    // There is no .env, so that only the settings below apply.
    cwd: folder,
    env: {
      PORT: String(port),
      HOST: "127.0.0.1",
      STORE: `sqlite:${folder}/h.db`,
      LIMITS: "off",
      LOG_LEVEL: "warn",
      ...settings,
    },
    stdin: "null",
    stdout: "null",
  }).spawn();

  let hasEnded = false;
  const server: RunningServer = {
    port,
    pid: child.pid,
    failed: child.status.then(({ code, signal }) => {
      hasEnded = true;
      throw new Error(`${title} ended unexpectedly: ${signal ?? `exit status ${code}`}`);
    }),
    async [Symbol.asyncDispose]() {
      // Its state is no longer needed, and draining would take a second.
      if (!hasEnded) child.kill("SIGKILL");
      await child.status;
      reserved[Symbol.dispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
  server.failed.catch(() => {}); // Not unhandled: callers race against it.
  try {
    await Promise.race([untilReady(port, title), server.failed]);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

async function untilReady(port: number, title: string): Promise<void> {
  const end = fromNow(START_TIMEOUT);
  while (!hasPassed(end)) {
    const response = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await delay(50);
  }
  throw new Error(`${title} was not ready within ${START_TIMEOUT} ms`);
}
