import { assert, assertEquals, assertMatch } from "@std/assert";
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

Deno.test("[Z7] a port that another Halley uses is refused, although workers share theirs", async () => {
  await using first = await ServerProcess.start({ settings: SETTINGS });
  const { port } = new URL(first.url);

  for (const WORKERS of ["1", "2"]) {
    const { code, stderr } = await runToEnd({ settings: { ...SETTINGS, WORKERS, PORT: port } });
    assertEquals(code, 1);
    assertMatch(stderr, new RegExp(`Cannot listen on port ${port}: it is in use`));
  }
});
