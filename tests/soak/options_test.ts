import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FAULT_NAMES } from "../../server/commands/soak/faults.ts";
import { parseOptions, USAGE, UsageError } from "../../server/commands/soak/options.ts";
import { prove } from "./support/prove.ts";

function parsed(...args: string[]) {
  const options = parseOptions(args);
  if (options === undefined) throw new Error("It asks for help");
  return options;
}

Deno.test("[K8] without arguments a run has all faults, and kills a server of its own", () => {
  const { url, server, readers, senders, rate, duration, faults, kills } = parsed();

  assertEquals({ url, server, readers, senders, rate, duration, kills }, {
    url: undefined,
    server: undefined,
    readers: 20,
    senders: 5,
    rate: 100,
    duration: 30_000,
    kills: 5,
  });
  assertEquals(faults, FAULT_NAMES);
});

Deno.test("[K8] a server at an address is not killed", () => {
  const { faults, kills } = parsed("--url", "https://chat.example/halley");

  assertEquals(kills, 0);
  assertEquals(faults, FAULT_NAMES.filter((kind) => kind !== "kill" && kind !== "term"));
});

Deno.test("[K8] what cannot be used is refused, with what was received and what is allowed", () => {
  const wrong = [
    [["--readers", "many"], `--readers is "many"; allowed: whole numbers from 1 to 10000`],
    [["--faults", "kill,rain"], `--faults has "rain"; allowed: all, none, or some of cut-before`],
    [["--url", "chat.example"], `--url is "chat.example"; allowed: addresses that begin with http`],
    [["--url", "http://a/", "--kills", "2"], "--kills cannot be used with --url"],
    [["--speed", "7"], "Unknown option '--speed'"],
    [["now"], "Unexpected argument 'now'"],
  ] as const;

  for (const [args, message] of wrong) {
    assertStringIncludes(assertThrows(() => parseOptions(args), UsageError).message, message);
  }
});

Deno.test("[K8] --help prints the usage, with status 0; a wrong flag prints it too, with status 2", async () => {
  const [help, wrong] = await Promise.all([prove("--help"), prove("--speed", "7")]);

  assertEquals({ code: help.code, stdout: help.stdout }, { code: 0, stdout: `${USAGE}\n` });
  assertEquals({ code: wrong.code, stdout: wrong.stdout }, { code: 2, stdout: "" });
  assertStringIncludes(wrong.stderr, USAGE);
});
