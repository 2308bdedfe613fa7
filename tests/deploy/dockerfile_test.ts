import { assertEquals, assertMatch } from "@std/assert";
import { readConfig } from "../../server/config/config.ts";
import { runToEnd, ServerProcess } from "../support/server_process.ts";

const DOCKERFILE = new URL("../../docs/deploy/Dockerfile", import.meta.url);

/** The instructions of the last stage, one line each. */
async function instructions(): Promise<readonly string[]> {
  const text = (await Deno.readTextFile(DOCKERFILE)).replaceAll(/^#.*\n/gm, "");
  const lines = text.replaceAll(/\\\n\s*/g, "").split("\n");
  return lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));
}

async function instruction(name: string): Promise<string> {
  const found = (await instructions()).find((line) => line.startsWith(`${name} `));
  if (found === undefined) throw new Error(`The Dockerfile has no ${name}`);
  return found.slice(name.length + 1);
}

Deno.test("[O61] the container is healthy while the server answers", async () => {
  const [, words = "[]"] = /CMD (\[.*\])$/.exec(await instruction("HEALTHCHECK")) ?? [];
  const [program, ...args] = JSON.parse(words) as string[];
  const check = async (PORT: string) => (await runToEnd({ args, settings: { PORT } })).code;
  await using halley = await ServerProcess.start({ settings: { STORE: "memory" } });
  const { port } = new URL(halley.url);

  assertEquals([program], JSON.parse(await instruction("ENTRYPOINT")));
  assertEquals(await check(port), 0);

  halley.kill("SIGKILL");
  await halley.ended();
  assertEquals(await check(port), 1);
});

Deno.test("[O61] the container's settings are valid, and its data is in the volume", async () => {
  const settings = Object.fromEntries(
    (await instruction("ENV")).split(" ").map((pair) => pair.split("=")),
  );

  const { host, store } = readConfig(settings);

  assertEquals(host, "0.0.0.0");
  assertEquals(store, { kind: "sqlite", path: `${await instruction("VOLUME")}/halley.db` });
});

Deno.test("[O61] the container runs the executable as a user without privileges, and stops it with SIGTERM", async () => {
  const copied = (await instruction("COPY")).split(" ").at(-1);

  assertEquals(JSON.parse(await instruction("ENTRYPOINT")), [copied]);
  assertEquals(await instruction("STOPSIGNAL"), "SIGTERM");
  assertMatch(await instruction("RUN"), new RegExp(`useradd .*${await instruction("USER")}`));
});
