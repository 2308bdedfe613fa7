import { assertEquals } from "@std/assert";
import { sourceFiles } from "../support/source_files.ts";

/** What makes a run depend on the real time, on real randomness, or on the process it runs in. */
const GLOBALS = [
  /(?<![.\w])Date\.now\b/,
  /\bnew Date\(\)/,
  /(?<![.\w])performance\.now\b/,
  /(?<![.\w])Math\.random\b/,
  /(?<![.\w])crypto\.\w/,
  /(?<![.\w#])(?:set|clear)(?:Timeout|Interval)\(/,
  /(?<![.\w#])fetch\(/,
  /(?<![.\w])(?:localStorage|navigator|location)\.\w/,
  /\bnew BroadcastChannel\b/,
  /(?<![.\w])globalThis\.\w/,
  /\bAbortSignal\.timeout\b/,
];

/** Folders whose code runs in a simulation. */
const SIMULATED: readonly string[] = ["client/comet/"];

/** Files of these folders that may use globals, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "client/comet/platform.ts": "declares what is used instead",
  "client/comet/server_url.ts": "resolves relative addresses only, which only pages have",
};

Deno.test("[K21] what is simulated uses no global clock, timer, random source or page", async () => {
  const simulated = (await sourceFiles()).filter(({ path }) =>
    SIMULATED.some((folder) => path.startsWith(folder)) && !(path in EXCEPTIONS)
  );

  const uses = simulated.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, n) =>
      !isComment(line) && GLOBALS.some((pattern) => pattern.test(line))
        ? `${path}:${n + 1} ${line.trim()}`
        : []
    )
  );

  assertEquals(uses, []);
});

function isComment(line: string): boolean {
  return /^\s*(?:\/\/|\/?\*)/.test(line);
}
