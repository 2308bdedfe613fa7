import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { withChat } from "./browser_chat.ts";
import type { Step } from "./light_scene.tsx";

const step: fc.Arbitrary<Step> = fc.record({
  keys: fc.uniqueArray(fc.nat(9), { maxLength: 8 }),
  hasHead: fc.boolean(),
  isGrouped: fc.boolean(),
  text: fc.constantFrom("", "a", "tea", "<b>milk</b>"),
});

Deno.test(
  "[T19] whatever is shown after whatever else, it stands there as Preact would put it",
  withChat(async (chat) => {
    const steps = fc.sample(step, { numRuns: 200, seed: 7 });
    const page = await chat.openPage("about:blank");

    const played = await Promise.all([[], ["--import-map", "client/widget/light/imports.json"]].map(
      async (options) => {
        const scene = await bundle(options);
        return await page.evaluate(async ({ scene, steps }) => {
          const url = URL.createObjectURL(new Blob([scene], { type: "text/javascript" }));
          const { play } = await import(url);
          return await play(steps);
        }, { scene, steps }) as unknown[];
      },
    ));

    for (const [n, shown] of played[0]!.entries()) assertEquals(played[1]![n], shown, `step ${n}`);
    assertEquals(played[0]!.length, 200);
  }),
);

async function bundle(options: readonly string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform",
      "browser",
      ...options,
      "tests/browser/light_scene.tsx",
    ],
    cwd: new URL("../..", import.meta.url),
    stdout: "piped",
  });
  const { stdout } = await command.output();
  return new TextDecoder().decode(stdout);
}
