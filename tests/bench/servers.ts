/**
 * Starts what is measured: one server in a process of its own, with a free port and an empty folder, for one scenario.
 *
 * @module
 */

import { pinnedTo } from "./pinning.ts";

/** A server to measure. */
export type ServerName = keyof typeof SERVERS;

const NET = ["--no-prompt", "--allow-net"];

/** How each server is started. Halley gets what `deno task start` gives it. */
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

/** A server that answers. Disposing ends it, and removes its folder. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** Rejects when the server ends before it is disposed of. */
  readonly failed: Promise<never>;
}

const START_LIMIT = 20_000;

/** Starts a server and waits until it is ready. */
export async function startServer(
  name: ServerName,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const folder = await Deno.makeTempDir({ prefix: "halley-bench-" });
  const port = freePort();
  const { title, flags, script } = SERVERS[name];
  const [command, ...args] = pinnedTo(0, [Deno.execPath(), "run", ...flags, script]);
  const child = new Deno.Command(command, {
    args,
    // No .env is found there, so that the settings below are all.
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
      throw new Error(`${title} ended by itself: ${signal ?? `exit status ${code}`}`);
    }),
    async [Symbol.asyncDispose]() {
      // Nothing of its state is needed any more, and a drain would take a second.
      if (!hasEnded) child.kill("SIGKILL");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
  server.failed.catch(() => {}); // whoever measures listens to it; until then it is no defect
  try {
    await Promise.race([untilReady(port, title), server.failed]);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

async function untilReady(port: number, title: string): Promise<void> {
  const end = Date.now() + START_LIMIT;
  while (Date.now() < end) {
    const response = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${title} was not ready within ${START_LIMIT} ms`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
