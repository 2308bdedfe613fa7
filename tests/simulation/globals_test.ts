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
  /(?<![.\w])(?:localStorage|navigator)\.\w/,
  /(?<![.\w])location\.(?:origin|href|host|pathname|search|hash)\b/,
  /\bnew BroadcastChannel\b/,
  /(?<![.\w])globalThis\.\w/,
  /\bAbortSignal\.timeout\b/,
  /(?<![.\w#])setImmediate\(/,
  // The real clock of the server, and what is made of it: a `Runtime` has the same methods.
  /(?<![.\w#])(?:wallNow|monotonicNow|msSince|msUntil|fromNow|hasPassed|wallTimeOf|delay)\(/,
];

/** Folders whose code runs in a simulation. */
const SIMULATED: readonly string[] = [
  "client/comet/",
  "client/ui/state/outbox.ts",
  "server/base/",
  "server/core/",
  "server/http/",
  "server/stores/",
  "server/webhooks/",
];

/** Files of these folders that may use globals, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "client/comet/platform.ts": "declares what is used instead",
  "server/base/clock.ts": "is the real clock",
  "server/base/delay.ts": "waits in real time, for commands and jobs that are not simulated",
  "server/base/runtime.ts": "is what is used instead",
  "server/base/reserved_port.ts": "is for real listeners",
  "server/base/stop_signals.ts": "is about the real process",
  "server/base/uncaught_errors.ts": "is about the real process",
  "server/http/auth/remote_keys.ts": "fetches from a real server",
  "server/http/listener.ts": "has real sockets",
  "server/webhooks/post_event.ts": "posts to a real receiver",
  "server/stores/sqlite/sync_time.ts": "measures the real disk",
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
