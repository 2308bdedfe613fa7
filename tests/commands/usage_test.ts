import { assertEquals, assertMatch } from "@std/assert";
import { runCommand } from "./back_end.ts";

for (const command of ["send", "tail", "token"]) {
  Deno.test(`[E17] "halley ${command} --help" says how it is called, without a key`, async () => {
    const { code, stdout, stderr } = await runCommand({ args: [command, "--help"] });

    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, new RegExp(`^usage: halley ${command} `));
  });

  Deno.test(`[E17] "halley ${command}" alone is answered with its usage, and the status is 2`, async () => {
    const { code, stdout, stderr } = await runCommand({ args: [command] });

    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, new RegExp(`^[^\\n]+\\n\\nusage: halley ${command} `));
  });
}
