import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../server/commands/command_error.ts";
import { FAULT_NAMES } from "../../server/commands/soak/faults.ts";
import { parseSoakOptions, USAGE } from "../../server/commands/soak/options.ts";
import { prove } from "./support/prove.ts";

Deno.test("[K8] by default a run injects all faults, and kills its own server", () => {
  const { faults, seed: _, ...options } = parseSoakOptions([]);

  assertEquals(options, {
    url: undefined,
    server: undefined,
    store: "sqlite:soak.db",
    workers: 1,
    auth: "key",
    token: undefined,
    readers: 20,
    senders: 5,
    rate: 100,
    duration: 30_000,
    kills: 5,
    share: 0.02,
    patience: 15_000,
    isJson: false,
  });
  assertEquals(faults, FAULT_NAMES);
});

Deno.test("[K8] a server at a URL is not killed, nobody is erased there, and its users are guests, with one token each", () => {
  const { faults, kills, auth } = parseSoakOptions(["--url", "https://chat.example/halley"]);

  assertEquals([kills, auth], [0, "guest"]);
  const own = ["kill", "term", "token", "erase"];
  assertEquals(faults, FAULT_NAMES.filter((kind) => !own.includes(kind)));
});

Deno.test("[K8] invalid arguments are rejected with the received value and the allowed ones", () => {
  const invalid = [
    [["--readers", "many"], `--readers is "many"; allowed: whole numbers from 1 to 10000`],
    [["--faults", "kill,rain"], `--faults contains "rain"; allowed: all, none, or some of cut-be`],
    [["--url", "chat.example"], `--url is "chat.example"; allowed: URLs that start with http://`],
    [["--auth", "name"], '--auth is "name"; allowed: guest, key, jwt'],
    [["--url", "http://a/", "--auth", "key"], "--auth cannot be used with --url"],
    [["--url", "http://a/", "--kills", "2"], "--kills cannot be used with --url"],
    [["--url", "http://a/", "--store", "memory"], "--store cannot be used with --url"],
    [["--url", "http://a/", "--server", "b"], "Use either --url or --server"],
    [["--token", "x"], "--token needs --url"],
    [["--url", "http://a/", "--token", "x", "--readers", "5"], "whole numbers from 1 to 4"],
    [["--speed", "7"], "Unknown option '--speed'"],
    [["now"], 'Unknown argument "now"'],
  ] as const;

  for (const [args, message] of invalid) {
    assertStringIncludes(assertThrows(() => parseSoakOptions(args), UsageError).message, message);
  }
});

Deno.test("[K8] --help prints the usage with status 0, and an unknown option prints it with status 2", async () => {
  const [help, invalid] = await Promise.all([prove("--help"), prove("--speed", "7")]);

  assertEquals({ code: help.code, stdout: help.stdout }, { code: 0, stdout: `${USAGE}\n` });
  assertEquals({ code: invalid.code, stdout: invalid.stdout }, { code: 2, stdout: "" });
  assertStringIncludes(invalid.stderr, USAGE);
});
