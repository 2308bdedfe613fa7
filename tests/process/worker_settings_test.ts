import { assert, assertEquals, assertMatch } from "@std/assert";
import { readConfig } from "../../server/config/config.ts";
import { workerCount } from "../../server/workers/worker_count.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { runToEnd, ServerProcess } from "../support/server_process.ts";

const SETTINGS = { STORE: "memory", WORKERS: "2", DRAIN_DELAY: "0" };

for (const value of ["0", "-1", "1.5", "abc", "1000", "65", "2 4", "Auto"]) {
  Deno.test(`[Z7] WORKERS=${value} is refused at the start, in the environment, in .env and by check`, async () => {
    const message = `WORKERS is "${value}"; allowed: a whole number from 1 to 64, or auto`;

    for (
      const options of [
        { settings: { WORKERS: value } },
        { files: { ".env": `WORKERS="${value}"\n` } },
        { settings: { WORKERS: value }, args: ["check"] },
      ]
    ) {
      const { code, stdout, stderr } = await runToEnd(options);
      assertEquals(code, 2, stderr);
      assert(`${stdout}${stderr}`.includes(message), `${stdout}${stderr}`);
    }
  });
}

Deno.test("[Z7] with WORKERS=auto there is a worker for each processor", async () => {
  await using halley = await ServerProcess.start({ settings: { ...SETTINGS, WORKERS: "auto" } });

  using chat = new RemoteChat(halley.url);

  const text = await (await chat.request("GET", "/metrics")).text();

  const workers = text.match(/^halley_worker_parked_polls\{/gm)?.length;
  assertEquals(workers, Math.min(navigator.hardwareConcurrency, 64));
});

Deno.test("[Z7] on Deno Deploy there is one worker, whatever is set", () => {
  assertEquals(readConfig({ DENO_DEPLOY: "1", WORKERS: "4" }).workers, 1);
  assertEquals(readConfig({ WORKERS: "4" }).workers, 4);
});

Deno.test("[Z7] where workers cannot share a port there is one, and the log says so", () => {
  const events: unknown[] = [];
  const logger = { write: (...event: unknown[]) => void events.push(event) };

  assertEquals(workerCount({ workers: 4 }, logger, "windows"), 1);
  assertEquals(workerCount({ workers: 4 }, logger, "darwin"), 1);
  assertEquals(workerCount({ workers: 1 }, logger, "windows"), 1);
  assertEquals(workerCount({ workers: 4 }, logger, "linux"), 4);

  assertEquals(
    events,
    ["windows", "darwin"].map((os) => [
      "warn",
      "one_worker",
      { workers: 4, reason: `Workers cannot share a port on ${os}: one worker serves` },
    ]),
  );
});

Deno.test("[Z7] a port that another Halley uses is refused, although workers share theirs", async () => {
  await using first = await ServerProcess.start({ settings: SETTINGS });
  const { port } = new URL(first.url);

  for (const WORKERS of ["1", "2"]) {
    const { code, stderr } = await runToEnd({ settings: { ...SETTINGS, WORKERS, PORT: port } });
    assertEquals(code, 1);
    assertMatch(stderr, new RegExp(`Cannot listen on port ${port}: it is in use`));
  }
});
