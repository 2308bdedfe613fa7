import { assert, assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { errorMessage } from "../../../server/base/error_message.ts";
import { measureDelivery } from "./delivery.ts";
import { install } from "./installation.ts";
import { parseOptions } from "./options.ts";
import { formatReport } from "./report.ts";
import { restarts } from "./schedule.ts";

/** The seed's faults: a reader is cut off, one goes offline, one has dead connections; the server is killed once. */
const ARGUMENTS = "--only websocket,halley --minutes 0.3 --readers 4 --jobs 4 --seed 1172".split(
  " ",
);

let installed: string | undefined;
try {
  installed = await install(["halley", "websocket"]);
} catch (error) {
  console.error(`\n!!! The delivery benchmark was NOT tested: ${errorMessage(error)}\n`);
}
globalThis.addEventListener("unload", () => {
  if (installed !== undefined) Deno.removeSync(installed, { recursive: true });
});

Deno.test({
  name: "[K63] the delivery benchmark finds that Halley loses nothing, and a bare WebSocket does",
  ignore: installed === undefined,
  async fn() {
    const options = parseOptions(ARGUMENTS);
    assert(options !== undefined && installed !== undefined);
    const { seed, duration } = options;
    assertEquals(restarts(seed, duration).map(({ signal }) => signal), ["SIGKILL"]);

    const results = await measureDelivery(options, {
      installed,
      stop: new AbortController().signal,
    });

    const found = results.map(({ peer, round, outcome }) => {
      assert(typeof outcome !== "string", `${peer} ${outcome}`);
      const { sent, expected, delivered, lostTold, lostInterrupted, lostSilently } = outcome;
      assertGreaterOrEqual(sent, 10);
      assertEquals(expected, sent * options.readers);
      assertEquals(lostTold + lostInterrupted + lostSilently, expected - delivered);
      const { duplicated, outOfOrder, stopped } = outcome;
      return [peer, round, delivered < expected, duplicated, outOfOrder, stopped];
    });
    assertEquals(found, [
      ["halley", "network", false, 0, 0, 0],
      ["websocket", "network", true, 0, 0, 0],
      ["halley", "restarts", false, 0, 0, 0],
      ["websocket", "restarts", true, 0, 0, 0],
    ]);
    assertStringIncludes(formatReport(results, options), "| Halley | ");
  },
});

Deno.test("[K63] invalid arguments are refused with the value and what is allowed", () => {
  const cases: [string[], string][] = [
    [["--only", "pigeon"], '--only names "pigeon"; allowed: halley, '],
    [["--minutes", "0"], '--minutes is "0"; allowed: numbers above 0, up to 1,000,000'],
    [["--readers", "many"], '--readers is "many"; allowed: numbers above 0, up to 1,000,000'],
  ];

  for (const [args, message] of cases) {
    let refused = "";
    try {
      parseOptions(args);
    } catch (error) {
      refused = errorMessage(error);
    }
    assertStringIncludes(refused, message);
  }
});
